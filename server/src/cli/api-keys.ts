import type { Command } from 'commander';
import { createApiKeyInput } from '../domain/api-keys/api-key-fields.ts';
import { createApiKey } from '../domain/api-keys/create-api-key.ts';
import { deleteApiKey } from '../domain/api-keys/delete-api-key.ts';
import { disableApiKey } from '../domain/api-keys/disable-api-key.ts';
import { enableApiKey } from '../domain/api-keys/enable-api-key.ts';
import { getApiKey } from '../domain/api-keys/get-api-key.ts';
import { listApiKeys, listApiKeysQuery } from '../domain/api-keys/list-api-keys.ts';
import { revokeApiKey } from '../domain/api-keys/revoke-api-key.ts';
import { actInOrganization } from './act-in-organization.ts';
import { addListCommand } from './add-list-command.ts';
import { describeApiKey, rowOfApiKey } from './api-key-text.ts';
import { addApiKeyImportCommand } from './api-keys-import.ts';
import type { CommandDeps } from './build-program.ts';
import { defaultKeyName } from './default-key-name.ts';
import { parseInput } from './parse-input.ts';
import { parseMetadata } from './parse-metadata.ts';
import { saySecret } from './say-secret.ts';
import { splitList } from './split-list.ts';

type CreateOptions = {
  application: string;
  environment: string;
  name?: string;
  scope?: string[];
  profile?: string;
  ip?: string[];
  expiresAt?: string;
  metadata?: string;
};

export function addApiKeyCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('api-keys').description('the keys of your APIs');
  addCreateCommand(group, deps);
  addListCommand(group, deps, {
    what: 'API keys, newest first',
    filters: [
      ['--status <status>', 'active, inactive, expired or revoked'],
      ['--environment <environment>', 'development, staging or production'],
      ['--application <id>', 'only of this application', 'applicationId'],
      ['--created-by <id>', 'only those that this user or management key made'],
      ['--query <text>', 'the start of a name, an id, or the last four characters'],
      ['--sort <order>', 'newest or name'],
    ],
    query: listApiKeysQuery,
    read: listApiKeys,
    row: rowOfApiKey,
    whenEmpty:
      'There are no API keys yet. Issue one: keywright api-keys create --application <id> --environment <environment>',
  });
  actInOrganization(
    group.command('show').description('show an API key').argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { value } = await getApiKey(ctx, argument);
      say(value, () => describeApiKey(value));
    },
  );
  const changes = [
    ['disable', 'switch an API key off', disableApiKey],
    ['enable', 'switch an API key on again', enableApiKey],
    ['revoke', 'end an API key; final', revokeApiKey],
  ] as const;
  for (const [name, description, change] of changes) {
    actInOrganization(
      group.command(name).description(description).argument('<id>'),
      deps,
      async (ctx, { argument, say }) => {
        const { result, propagation } = await change(ctx, argument);
        say({ ...result.value, propagation }, () => describeApiKey(result.value));
      },
    );
  }
  actInOrganization(
    group.command('delete').description('delete an API key, permanently').argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { result, propagation } = await deleteApiKey(ctx, argument);
      say({ ...result, propagation }, () => `Deleted ${result.id}: it is refused everywhere from now on.`);
    },
  );
  addApiKeyImportCommand(group, deps);
}

function addCreateCommand(group: Command, deps: CommandDeps): void {
  const command = group
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
    .option(
      '--metadata <json>',
      'an object of your own, handed out at verification, such as \'{"plan":"gold"}\'',
    );
  actInOrganization<CreateOptions>(command, deps, async (ctx, { options, say }) => {
    const input = parseInput(
      createApiKeyInput,
      {
        name: options.name ?? (await defaultKeyName(ctx, options.application)),
        applicationId: options.application,
        environment: options.environment,
        scopes: splitList(options.scope ?? []),
        ...(options.profile === undefined ? {} : { profileId: options.profile }),
        ...(options.ip === undefined ? {} : { ipAllowlist: splitList(options.ip) }),
        ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
        ...(options.metadata === undefined ? {} : { metadata: parseMetadata(options.metadata) }),
      },
      { documents: ['metadata'] },
    );
    const { result, propagation } = await createApiKey(ctx, input);
    say({ ...result, propagation }, () => `${describeApiKey(result.apiKey)}\n\n${saySecret(result.secret)}`);
  });
}
