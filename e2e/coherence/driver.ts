import { type DriveOptions, driveChanges } from './drive.ts';
import { endEverything } from './open-drive.ts';
import { driveScene, type SceneOptions } from './scenes.ts';

// The program of the process that drives a run (see run-driver.ts): its order is its argument, its report one line of JSON.

// Whoever started it holds its input open: it ends what it started when they are gone, however they ended.
process.stdin.resume();
process.stdin.once('close', () => void endEverything().finally(() => process.exit(1)));

const order = JSON.parse(process.argv[2] ?? '{}') as DriveOptions | SceneOptions;
const report = await ('scene' in order ? driveScene(order) : driveChanges(order));
process.stdout.write(`${JSON.stringify(report)}\n`, () => {
  // Connections to nodes that were ended may keep it, and nothing is left to do.
  process.exit(0);
});
