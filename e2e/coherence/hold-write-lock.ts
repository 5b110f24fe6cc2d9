import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';

// Begins a transaction on the SQLite file, changes something in it, says so, and commits when its input ends.

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 10_000 });
database.exec('BEGIN IMMEDIATE');
database.exec('UPDATE change_counter SET seq = seq WHERE id = 1');
console.log('held');
process.stdin.resume();
await once(process.stdin, 'end');
database.exec('COMMIT');
database.close();
