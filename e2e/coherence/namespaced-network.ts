import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../../scripts/find-program.ts';
import { runTool } from '../../scripts/run-tool.ts';
import type { Network } from './network.ts';

// The driver runs in a network namespace of its own (see run-driver.ts). Beside it there is one for each node and one for
// the database, each held open by a process that only waits: none has a name that another run could take, and the kernel
// removes them all when the last process in them has ended, however that came about.

const addressOf = {
  driverAtNode: (node: number) => `10.77.${node}.1`,
  node: (node: number) => `10.77.${node}.2`,
  nodeAtDatabase: (node: number) => `10.78.${node}.2`,
  databaseAtNode: (node: number) => `10.78.${node}.1`,
  driverAtDatabase: '10.79.0.2',
  databaseAtDriver: '10.79.0.1',
};

/** Put before a command: it gets SIGKILL when the driver has ended, even where that was killed. */
const endWithDriver = ['setpriv', '--pdeathsig=KILL'];

/** Makes the namespaces, each node's link to the driver and its other one to the database. Root, and Linux, only. */
export async function makeNamespacedNetwork(nodes: number): Promise<Network> {
  const holders: ChildProcess[] = [];
  const ip = findProgram('ip') ?? 'ip';

  async function run(...command: string[]): Promise<void> {
    const [program = '', ...args] = command;
    const { code, output } = await runTool(program, args);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${output.trim()}`);
  }
  const inside = (holder: ChildProcess) => ['nsenter', `--target=${holder.pid}`, '--net', '--'];
  async function hold(): Promise<ChildProcess> {
    const [program = '', ...args] = [...endWithDriver, 'unshare', '--net', '--', 'sleep', '86400'];
    const holder = spawn(program, args, { stdio: 'ignore' });
    holders.push(holder);
    // It is in its own namespace once it has become `sleep`.
    while (readFileSync(`/proc/${holder.pid}/comm`, 'utf8').trim() !== 'sleep') await pause(5);
    await run(...inside(holder), ip, 'link', 'set', 'lo', 'up');
    return holder;
  }

  type End = { at: ChildProcess | 'driver'; name: string; address: string };
  const at = (end: End) => (end.at === 'driver' ? [] : inside(end.at));
  async function link(one: End, other: End): Promise<void> {
    const place = one.at === 'driver' ? String(process.pid) : String(one.at.pid);
    // Made in the other's namespace, so that no two names meet in the driver's.
    const peer = ['peer', 'name', one.name, 'netns', place];
    await run(...at(other), ip, 'link', 'add', other.name, 'type', 'veth', ...peer);
    for (const end of [one, other]) {
      await run(...at(end), ip, 'address', 'add', `${end.address}/30`, 'dev', end.name);
      await run(...at(end), ip, 'link', 'set', end.name, 'up');
    }
  }

  async function close(): Promise<void> {
    for (const holder of holders) holder.kill('SIGKILL');
    await Promise.all(holders.map((holder) => holder.exitCode ?? holder.signalCode ?? once(holder, 'exit')));
  }

  try {
    await run(ip, 'link', 'set', 'lo', 'up');
    const database = await hold();
    await link(
      { at: 'driver', name: 'database', address: addressOf.driverAtDatabase },
      { at: database, name: 'driver', address: addressOf.databaseAtDriver },
    );
    const members = await Promise.all(Array.from({ length: nodes }, hold));
    for (const [node, member] of members.entries()) {
      await link(
        { at: 'driver', name: `node${node}`, address: addressOf.driverAtNode(node) },
        { at: member, name: 'clients', address: addressOf.node(node) },
      );
      await link(
        { at: database, name: `node${node}`, address: addressOf.databaseAtNode(node) },
        { at: member, name: 'database', address: addressOf.nodeAtDatabase(node) },
      );
    }
    const enter = (node: number) => inside(members[node] ?? database);
    /** Does it, and returns what undoes it. */
    const both = async (where: readonly string[], act: readonly string[], undo: readonly string[]) => {
      await run(...where, ip, ...act);
      return () => run(...where, ip, ...undo);
    };
    const lose = (where: readonly string[], address: string) =>
      both(where, ['route', 'add', 'blackhole', address], ['route', 'del', 'blackhole', address]);
    return {
      kind: 'namespaces',
      enterNode: (node) => [...endWithDriver, ...enter(node)],
      database: { enter: inside(database).slice(0, -1), address: '0.0.0.0' },
      databaseUrlAt: (node, url) => withHost(url, addressOf.databaseAtNode(node)),
      settingsOf: async (node) => ({ KEYWRIGHT_HOST: addressOf.node(node), KEYWRIGHT_PORT: '3000' }),
      cuts: {
        'link down': (node) =>
          both(
            inside(database),
            ['link', 'set', `node${node}`, 'down'],
            ['link', 'set', `node${node}`, 'up'],
          ),
        'questions lost': (node) => lose(enter(node), addressOf.databaseAtNode(node)),
        'answers lost': (node) => lose(inside(database), addressOf.nodeAtDatabase(node)),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The database's URL as the driver reaches it. */
export function databaseUrlAtDriver(url: string): string {
  return withHost(url, addressOf.databaseAtDriver);
}

function withHost(url: string, host: string): string {
  const changed = new URL(url);
  changed.hostname = host;
  return changed.href;
}
