import { describe } from 'node:test';
import { everyChangeOfTheBurstReturned, itKeepsWorking } from './it-keeps-working.ts';

describe('verifications keep working, correctly, during', () => {
  itKeepsWorking('postgres', 'burst', everyChangeOfTheBurstReturned);
  itKeepsWorking('postgres', 'import');
  itKeepsWorking('postgres', 'rolling restart');
  itKeepsWorking('postgres', 'database restart');
});
