import type { Command } from 'commander';
import type { Services } from '../domain/context.ts';
import {
  createManagementKey,
  createManagementKeyInput,
} from '../domain/management-keys/create-management-key.ts';
import { listManagementKeys } from '../domain/management-keys/list-management-keys.ts';
import { revokeManagementKey } from '../domain/management-keys/revoke-management-key.ts';
import { createOrganization } from '../domain/organizations/create-organization.ts';
import { commandContext, contextIn, print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { parseInput } from './parse-input.ts';

type Options = { organization?: string; name: string; scope: string[]; expiresAt?: string; cursor?: string };

export function addManagementKeyCommands(program: Command, deps: CommandDeps): void {
  const group = program
    .command('management-keys')
    .description('keys that let programs use the management API');
  group
    .command('create')
    .description(
      'make a management key; its secret is printed once. On an empty database the organization "default" is made first',
    )
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scopes...>', 'what it may do: "*" for all, or actions such as api_keys:verify')
    .option('--expires-at <instant>', 'when it ends, such as 2027-01-31T00:00:00Z')
    .option('--organization <id or name>', 'which organization, where there are several')
    .action((options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const input = parseInput(createManagementKeyInput, {
          name: options.name,
          scopes: options.scope.flatMap((scope) => scope.split(/[\s,]+/)).filter(Boolean),
          ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
        });
        const ctx =
          (await makeFirstOrganization(services, options)) ??
          (await commandContext(services, options.organization));
        const { result, propagation } = await createManagementKey(ctx, input);
        print(command, { ...result, propagation }, () =>
          [
            `Management key ${result.managementKey.name}: ${result.managementKey.id}`,
            `Secret: ${result.secret}`,
            'Store it now: it is not shown again.',
          ].join('\n'),
        );
      }),
    );
  group
    .command('list')
    .description('list management keys, newest first')
    .option('--organization <id or name>', 'which organization, where there are several')
    .option('--cursor <cursor>', 'read on from here')
    .action((options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const page = await listManagementKeys(ctx, { limit: 200, cursor: options.cursor });
        print(command, page, () =>
          page.data
            .map((key) =>
              [key.id, key.status.padEnd(7), key.maskedSecret, key.scopes.join(','), key.name].join('  '),
            )
            .join('\n'),
        );
      }),
    );
  group
    .command('revoke')
    .description('end a management key, and every key that it made; final')
    .argument('<id>')
    .option('--organization <id or name>', 'which organization, where there are several')
    .action((id: string, options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { result, propagation } = await revokeManagementKey(ctx, id);
        print(command, { ...result, propagation }, () => `Revoked ${result.name}: ${result.id}`);
      }),
    );
}

/** On an empty database there is nobody to ask for a name: the first owner adopts `default`, and may rename it. */
async function makeFirstOrganization(services: Services, options: Options) {
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
