import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { runTool } from '../../scripts/run-tool.ts';
import type { DriveOptions } from './drive.ts';
import type { DriveReport } from './open-drive.ts';
import type { SceneOptions } from './scenes.ts';

/** Whether network namespaces can be made and linked here: it takes root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and iproute2. */
export async function canMakeNamespaces(): Promise<boolean> {
  const script =
    'ip link set lo up && ip link add kw0 type veth peer name kw1 && setpriv --pdeathsig=KILL nsenter --version';
  const { code } = await runTool('unshare', ['--net', '--', 'sh', '-c', script]);
  return code === 0;
}

/**
 * Drives a run in a process of its own, where it can in a network namespace of its own.
 * @param say hears, line by line, how it goes.
 */
export async function runDriver(
  options: Omit<DriveOptions, 'namespaces'> | Omit<SceneOptions, 'namespaces'>,
  say: (line: string) => void,
): Promise<DriveReport> {
  const namespaces = options.database === 'postgres' && (await canMakeNamespaces());
  if (options.database === 'postgres' && !namespaces) {
    say('NO NETWORK NAMESPACES CAN BE MADE HERE (it takes root and iproute2).');
    say(
      'The nodes run as plain processes, and are cut off from the database by proxies: less than the real thing.',
    );
  }
  const enter = namespaces ? ['unshare', '--net', '--'] : [];
  const driver = join(import.meta.dirname, 'driver.ts');
  const order = JSON.stringify({ ...options, namespaces });
  const [program = '', ...args] = [
    ...enter,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    driver,
    order,
  ];
  // In a process group of its own, so that a signal to all of ours leaves it the time to end what it started: it does so
  // when its input is closed, which happens with our end too, whatever that was.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  let heard = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    const lines = (heard + String(chunk)).split('\n');
    heard = lines.pop() ?? '';
    for (const line of lines) say(line);
  });
  const code = await new Promise((done) => child.once('close', done));
  if (heard !== '') say(heard);
  if (code !== 0) throw new Error(`The driver ended with ${code}.`);
  return JSON.parse(said) as DriveReport;
}
