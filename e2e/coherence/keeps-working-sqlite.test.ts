import { describe } from 'node:test';
import { everyChangeOfTheBurstReturned, itKeepsWorking } from './it-keeps-working.ts';

describe('verifications keep working, correctly, during', () => {
  itKeepsWorking('sqlite', 'burst', everyChangeOfTheBurstReturned);
  itKeepsWorking('sqlite', 'import');
});
