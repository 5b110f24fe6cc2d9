import type { Command } from 'commander';
import { installationChain } from '../domain/audit/list-chains.ts';
import type { Services } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { activatePepper } from '../domain/peppers/activate-pepper.ts';
import { addPepper } from '../domain/peppers/add-pepper.ts';
import { endStandingUnder } from '../domain/peppers/end-standing-under.ts';
import {
  listStandingUnder,
  type StandingKey,
  type StandingUnder,
} from '../domain/peppers/list-standing-under.ts';
import type { PepperStore } from '../domain/peppers/pepper-store.ts';
import { findRetirablePepper, retirePepper } from '../domain/peppers/retire-pepper.ts';
import { contextIn, print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { openPepperStore } from './open-pepper-store.ts';
import { sayCount } from './say-count.ts';

type RotateOptions = { activate?: true; writeTo?: string };
type RetireOptions = { andEndTheirKeys?: string; writeTo?: string };

export function addPepperCommands(program: Command, deps: CommandDeps): void {
  const group = program
    .command('pepper')
    .description('the secret values outside the database that go into every stored hash');
  const writeTo = [
    '--write-to <new file>',
    'where the peppers stand in KEYWRIGHT_PEPPERS: receives what is to be put there',
  ] as const;
  group
    .command('rotate')
    .description('add a new pepper; and, when every node has it, let new secrets use it (--activate)')
    .option('--activate', 'every node has the pepper that was added: use it from now on')
    .option(...writeTo)
    .action((options: RotateOptions, command: Command) =>
      withServices(deps, (services) =>
        options.activate === true
          ? activate(services, command)
          : add(services, command, openPepperStore(deps.readSettings(), options.writeTo)),
      ),
    );
  group
    .command('retire')
    .description('take an old pepper out of use for good; refused while keys stand under it')
    .argument('<version>', 'the number of the pepper')
    .option(
      '--and-end-their-keys <count>',
      'end the keys that stand under it, if they are no more than this: without the flag they are listed and counted',
    )
    .option(...writeTo)
    .action((version: string, options: RetireOptions, command: Command) =>
      withServices(deps, (services) =>
        retire(
          services,
          command,
          { version: readCount(version, '<version>'), allowed: options.andEndTheirKeys },
          openPepperStore(deps.readSettings(), options.writeTo),
        ),
      ),
    );
}

type Store = PepperStore & { said: string };

async function add(services: Services, command: Command, store: Store): Promise<void> {
  const { result, propagation } = await addPepper(contextIn(services, installationChain), store);
  print(command, { version: result.version, active: false, file: store.said, propagation }, () =>
    [
      `Pepper ${result.version} was added to ${store.said}. Nothing uses it yet.`,
      '  1. Bring that to every node (and to the backup of your peppers), and restart the nodes.',
      '  2. Then run: keywright pepper rotate --activate',
    ].join('\n'),
  );
}

async function activate(services: Services, command: Command): Promise<void> {
  const { result, propagation } = await activatePepper(contextIn(services, installationChain));
  print(command, { version: result.version, active: true, propagation }, () =>
    [
      `New secrets use pepper ${result.version} from now on; older ones move to it when they are used.`,
      'A node that does not have it yet refuses to make secrets, and does not know those made under it: restart it now.',
    ].join('\n'),
  );
}

async function retire(
  services: Services,
  command: Command,
  { version, allowed }: { version: number; allowed: string | undefined },
  store: Store,
): Promise<void> {
  const ctx = contextIn(services, installationChain);
  await findRetirablePepper(services.database.read, version);
  const standing = await listStandingUnder(services.database.read, version, services.clock());
  const count = countOf(standing);
  if (count > 0 && (allowed === undefined || count > readCount(allowed, '--and-end-their-keys'))) {
    process.exitCode = 1;
    print(command, { version, retired: false, ...standing }, () => sayStanding(version, standing));
    return;
  }
  const ended = await endStandingUnder(ctx, version);
  const { propagation } = await retirePepper(ctx, version);
  // Last: until it is retired in the database every start asks for it, and a crash here leaves one that nobody needs.
  const file = store.read();
  if (file.peppers.has(version)) {
    store.write({ ...file, peppers: new Map([...file.peppers].filter(([one]) => one !== version)) });
  }
  print(command, { version, retired: true, ended, file: store.said, propagation }, () =>
    [
      `Pepper ${version} is retired, and was removed from ${store.said}.`,
      `Ended: ${sayCount(ended.apiKeys, 'secret of an API key', 'secrets of API keys')}, ${sayCount(ended.managementKeys, 'management key')}.`,
      'Bring that file to every node. Backups of the database from before need the old one: keep it with them.',
    ].join('\n'),
  );
}

function countOf({ apiKeys, managementKeys, madeByThem }: StandingUnder): number {
  return apiKeys.count + managementKeys.count + madeByThem.count;
}

function sayStanding(version: number, standing: StandingUnder): string {
  const count = countOf(standing);
  return [
    `Nothing was changed. Pepper ${version} cannot be retired without ending ${sayCount(count, 'key')}:`,
    ...sayKeys('API key', 'whose secret stands under it', standing.apiKeys),
    ...sayKeys('management key', 'whose secret stands under it', standing.managementKeys),
    ...sayKeys('management key', 'made by those, ending with them', standing.madeByThem),
    'The secret of an API key moves to the newest pepper when it is used: wait for those that are in use, and make new',
    'management keys in the place of these. To end the rest now:',
    `  keywright pepper retire ${version} --and-end-their-keys ${count}`,
    ...sayEnded(standing.endedSecrets),
  ].join('\n');
}

function sayEnded(count: number): string[] {
  if (count === 0) return [];
  return [
    `${sayCount(count, 'secret under it is', 'secrets under it are')} ended already: the answer to ${count === 1 ? 'its' : 'their'} use will be unknown_key instead of revoked,`,
    'and a key that was imported and deleted can then be imported again.',
  ];
}

function sayKeys(
  kind: string,
  which: string,
  { count, first }: { count: number; first: readonly StandingKey[] },
): string[] {
  if (count === 0) return [];
  const lines = first.map((key) => `  ${key.id}  ${key.status}  ${key.organization.name}  ${key.name}`);
  const more = count - first.length;
  return [`${sayCount(count, kind)} ${which}:`, ...lines, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

function readCount(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AppError('invalid_request', `${name} must be a whole number, such as 1.`);
}
