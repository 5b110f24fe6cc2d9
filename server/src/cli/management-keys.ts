import type { Command } from 'commander';
import type { Services } from '../domain/context.ts';
import {
  createManagementKey,
  createManagementKeyInput,
} from '../domain/management-keys/create-management-key.ts';
import {
  listManagementKeys,
  listManagementKeysQuery,
} from '../domain/management-keys/list-management-keys.ts';
import { revokeManagementKey } from '../domain/management-keys/revoke-management-key.ts';
import { createOrganization } from '../domain/organizations/create-organization.ts';
import { commandContext, contextIn, print, withServices } from './act.ts';
import { actInOrganization, organizationOption } from './act-in-organization.ts';
import { addListCommand } from './add-list-command.ts';
import type { CommandDeps } from './build-program.ts';
import { parseInput } from './parse-input.ts';
import { saySecret } from './say-secret.ts';
import { splitList } from './split-list.ts';

type CreateOptions = { organization?: string; name: string; scope: string[]; expiresAt?: string };

export function addManagementKeyCommands(program: Command, deps: CommandDeps): void {
  const group = program
    .command('management-keys')
    .description('keys that let programs use the management API');
  addCreateCommand(group, deps);
  addListCommand(group, deps, {
    what: 'management keys, newest first',
    filters: [],
    query: listManagementKeysQuery,
    read: listManagementKeys,
    row: (key) => [key.id, key.status, key.maskedSecret, key.scopes.join(','), key.name],
    whenEmpty:
      'There are no management keys yet. Make one: keywright management-keys create --name <name> --scope <scopes>',
  });
  actInOrganization(
    group
      .command('revoke')
      .description('end a management key, and every key that it made; final')
      .argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { result, propagation } = await revokeManagementKey(ctx, argument);
      say({ ...result, propagation }, () => `Revoked ${result.name}: ${result.id}`);
    },
  );
}

function addCreateCommand(group: Command, deps: CommandDeps): void {
  group
    .command('create')
    .description(
      'make a management key; its secret is printed once. On an empty database the organization "default" is made first',
    )
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scopes...>', 'what it may do: "*" for all, or actions such as api_keys:verify')
    .option('--expires-at <instant>', 'when it ends, such as 2027-01-31T00:00:00Z')
    .option(...organizationOption)
    .action((options: CreateOptions, command: Command) =>
      withServices(deps, async (services) => {
        const input = parseInput(createManagementKeyInput, {
          name: options.name,
          scopes: splitList(options.scope),
          ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
        });
        const ctx =
          (await makeFirstOrganization(services, options)) ??
          (await commandContext(services, options.organization));
        const { result, propagation } = await createManagementKey(ctx, input);
        const { name, id } = result.managementKey;
        print(
          command,
          { ...result, propagation },
          () => `Management key ${name}: ${id}\n${saySecret(result.secret)}`,
        );
      }),
    );
}

/** On an empty database there is nobody to ask for a name: the first owner adopts `default`, and may rename it. */
async function makeFirstOrganization(services: Services, options: CreateOptions) {
  if (options.organization !== undefined) return undefined;
  const any = await services.database.read.selectFrom('organization').select('id').executeTakeFirst();
  if (any !== undefined) return undefined;
  const made = await createOrganization(
    services,
    { id: services.newId('req') },
    { name: 'default', brand: 'kw' },
  );
  return contextIn(services, made.result.value.id);
}
