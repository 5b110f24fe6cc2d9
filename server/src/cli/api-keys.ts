import type { Command } from 'commander';
import { createApiKeyInput } from '../domain/api-keys/api-key-fields.ts';
import { createApiKey } from '../domain/api-keys/create-api-key.ts';
import { deleteApiKey } from '../domain/api-keys/delete-api-key.ts';
import { disableApiKey } from '../domain/api-keys/disable-api-key.ts';
import { enableApiKey } from '../domain/api-keys/enable-api-key.ts';
import { getApiKey } from '../domain/api-keys/get-api-key.ts';
import { listApiKeys, listApiKeysQuery } from '../domain/api-keys/list-api-keys.ts';
import { revokeApiKey } from '../domain/api-keys/revoke-api-key.ts';
import { commandContext, print, withServices } from './act.ts';
import { describeApiKey, tableOfApiKeys } from './api-key-text.ts';
import { addApiKeyImportCommand } from './api-keys-import.ts';
import type { CommandDeps } from './build-program.ts';
import { defaultKeyName } from './default-key-name.ts';
import { parseInput } from './parse-input.ts';

type CreateOptions = {
  organization?: string;
  application: string;
  environment: string;
  name?: string;
  scope?: string[];
  profile?: string;
  ip?: string[];
  expiresAt?: string;
};
type ListOptions = Record<string, string | undefined>;

const organizationOption = [
  '--organization <id or name>',
  'which organization, where there are several',
] as const;

export function addApiKeyCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('api-keys').description('the keys of your APIs');
  group
    .command('create')
    .description('issue an API key; its secret is printed once')
    .requiredOption('--application <id>', 'the application that it is for')
    .requiredOption('--environment <environment>', 'development, staging or production')
    .option('--name <name>', 'what it is called; otherwise <application>-<dd_mm_yyyy>-<hh_mm>')
    .option('--scope <scopes...>', "what it may do: scopes of the application's APIs, such as orders:read")
    .option('--profile <id>', 'a profile whose settings are handed out at verification')
    .option('--ip <ranges...>', 'addresses or CIDRs that it may be used from')
    .option(
      '--expires-at <instant>',
      "such as 2027-01-31T00:00:00Z; otherwise the policy's longest lifetime, or never",
    )
    .option(...organizationOption)
    .action((options: CreateOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const input = parseInput(createApiKeyInput, {
          name: options.name ?? (await defaultKeyName(ctx, options.application)),
          applicationId: options.application,
          environment: options.environment,
          scopes: (options.scope ?? []).flatMap(splitList),
          ...(options.profile === undefined ? {} : { profileId: options.profile }),
          ...(options.ip === undefined ? {} : { ipAllowlist: options.ip.flatMap(splitList) }),
          ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
        });
        const { result, propagation } = await createApiKey(ctx, input);
        print(command, { ...result, propagation }, () =>
          [
            describeApiKey(result.apiKey),
            '',
            `Secret: ${result.secret}`,
            'Store it now: it is not shown again.',
          ].join('\n'),
        );
      }),
    );
  group
    .command('list')
    .description('list API keys, newest first')
    .option('--status <status>', 'active, inactive, expired or revoked')
    .option('--environment <environment>', 'development, staging or production')
    .option('--application <id>', 'only of this application')
    .option('--query <text>', 'the start of a name, an id, or the last four characters')
    .option('--sort <order>', 'newest or name')
    .option('--limit <number>', 'how many', '50')
    .option('--cursor <cursor>', 'read on from here')
    .option(...organizationOption)
    .action(({ organization, application, ...filters }: ListOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, organization);
        const query = parseInput(listApiKeysQuery, {
          ...filters,
          ...(application && { applicationId: application }),
        });
        const page = await listApiKeys(ctx, query);
        print(command, page, () => tableOfApiKeys(page));
      }),
    );
  group
    .command('show')
    .description('show an API key')
    .argument('<id>')
    .option(...organizationOption)
    .action((id: string, options: { organization?: string }, command: Command) =>
      withServices(deps, async (services) => {
        const { value } = await getApiKey(await commandContext(services, options.organization), id);
        print(command, value, () => describeApiKey(value));
      }),
    );
  const changes = [
    ['disable', 'switch an API key off', disableApiKey],
    ['enable', 'switch an API key on again', enableApiKey],
    ['revoke', 'end an API key; final', revokeApiKey],
  ] as const;
  for (const [name, description, change] of changes) {
    group
      .command(name)
      .description(description)
      .argument('<id>')
      .option(...organizationOption)
      .action((id: string, options: { organization?: string }, command: Command) =>
        withServices(deps, async (services) => {
          const { result, propagation } = await change(
            await commandContext(services, options.organization),
            id,
          );
          print(command, { ...result.value, propagation }, () => describeApiKey(result.value));
        }),
      );
  }
  group
    .command('delete')
    .description('delete an API key, permanently')
    .argument('<id>')
    .option(...organizationOption)
    .action((id: string, options: { organization?: string }, command: Command) =>
      withServices(deps, async (services) => {
        const { result, propagation } = await deleteApiKey(
          await commandContext(services, options.organization),
          id,
        );
        print(
          command,
          { ...result, propagation },
          () => `Deleted ${result.id}: it is refused everywhere from now on.`,
        );
      }),
    );
  addApiKeyImportCommand(group, deps);
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
