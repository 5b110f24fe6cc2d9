import { type DriveOptions, drive } from './drive.ts';

// The program of the process that drives a run (see run-driver.ts): its order is its argument, its report one line of JSON.

const report = await drive(JSON.parse(process.argv[2] ?? '{}') as DriveOptions);
process.stdout.write(`${JSON.stringify(report)}\n`);
// Connections to nodes that were ended may keep it, and nothing is left to do.
process.exit(0);
