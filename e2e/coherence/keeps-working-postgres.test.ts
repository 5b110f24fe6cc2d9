import { describe } from 'node:test';
import { itKeepsWorking, manyChangesReturned } from './it-keeps-working.ts';

describe('verifications keep working, correctly, during', () => {
  itKeepsWorking('postgres', 'burst', manyChangesReturned);
  itKeepsWorking('postgres', 'import');
  itKeepsWorking('postgres', 'rolling restart');
  itKeepsWorking('postgres', 'database restart');
});
