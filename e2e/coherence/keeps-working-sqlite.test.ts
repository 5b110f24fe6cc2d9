import { describe } from 'node:test';
import { itKeepsWorking, manyChangesReturned } from './it-keeps-working.ts';

describe('verifications keep working, correctly, during', () => {
  itKeepsWorking('sqlite', 'burst', manyChangesReturned);
  itKeepsWorking('sqlite', 'import');
});
