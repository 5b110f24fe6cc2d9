import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Head } from '../domain/audit/chain-break.ts';
import { installationChain, listChains } from '../domain/audit/list-chains.ts';
import { readKeptHead, readKeptHeads } from '../domain/audit/read-kept-heads.ts';
import { type ChainVerdict, verifyChain } from '../domain/audit/verify-chain.ts';
import type { Services } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { commandContext, print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';

type Options = { organization?: string; installation?: true; head?: string; heads?: string };

export function addAuditCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('audit').description('the chained record of every change');
  group
    .command('verify')
    .description(
      'recompute every hash and name the first break of each chain; exit code 0: whole, 1: broken. All chains, unless one is chosen',
    )
    .option('--organization <id or name>', 'only the chain of this organization')
    .option('--installation', "only the installation's own chain")
    .option(
      '--head <number:hash>',
      'a head of the one chosen chain that you kept elsewhere: finds a cut tail',
    )
    .option('--heads <file>', 'the lines that `audit head` printed, of one run or of many: finds cut tails')
    .action((options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const chosen = await chooseChains(services, options);
        const kept = readKept(options, chosen);
        const verdicts: ChainVerdict[] = [];
        for (const chain of withKept(chosen, kept, options)) {
          verdicts.push(
            await verifyChain(services.database.read, services.auditKey, chain, kept.get(chain) ?? []),
          );
        }
        const ok = verdicts.every((verdict) => verdict.ok);
        if (!ok) process.exitCode = 1;
        print(command, { ok, chains: verdicts }, () => verdicts.map(sayVerdict).join('\n'));
      }),
    );
  group
    .command('head')
    .description('print the number and hash of the last event of each chain, to be kept elsewhere')
    .option('--organization <id or name>', 'only the chain of this organization')
    .option('--installation', "only the installation's own chain")
    .action((options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const chains = await chooseChains(services, options);
        const heads = await services.database.read
          .selectFrom('audit_head')
          .select(['chain', 'seq', 'hash'])
          .orderBy('chain')
          .execute();
        const data = heads.filter((head) => chains.includes(head.chain));
        print(command, { data }, () =>
          data.map(({ chain, seq, hash }) => `${chain} ${seq}:${hash}`).join('\n'),
        );
      }),
    );
}

async function chooseChains(services: Services, options: Options): Promise<string[]> {
  if (options.installation === true) {
    if (options.organization === undefined) return [installationChain];
    throw new AppError('invalid_request', 'Choose one chain: --organization or --installation.');
  }
  if (options.organization === undefined) return listChains(services.database.read);
  return [(await commandContext(services, options.organization)).organizationId];
}

function readKept(options: Options, chosen: readonly string[]): ReadonlyMap<string, Head[]> {
  const kept = options.heads === undefined ? new Map<string, Head[]>() : readKeptHeads(read(options.heads));
  if (options.head === undefined) return kept;
  const [only] = chosen;
  if (only === undefined || !isOneChosen(options)) {
    throw new AppError(
      'invalid_request',
      '--head is of one chain: say which, by --organization or --installation. For several, use --heads <file>.',
    );
  }
  return kept.set(only, [...(kept.get(only) ?? []), readKeptHead(options.head)]);
}

/** A chain that was kept a head of and is not in the database any more is looked at, and found broken. */
function withKept(chosen: readonly string[], kept: ReadonlyMap<string, Head[]>, options: Options): string[] {
  return isOneChosen(options) ? [...chosen] : [...new Set([...chosen, ...kept.keys()])];
}

function isOneChosen(options: Options): boolean {
  return options.organization !== undefined || options.installation === true;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new AppError('invalid_request', `The kept heads cannot be read: ${path}. Name a file that exists.`);
  }
}

function sayVerdict(verdict: ChainVerdict): string {
  if (verdict.ok) {
    return `${verdict.chain}: whole, ${verdict.events} ${verdict.events === 1 ? 'event' : 'events'}`;
  }
  return `${verdict.chain}: BROKEN (${verdict.break.kind}) at event ${verdict.break.seq}. ${verdict.break.message}`;
}
