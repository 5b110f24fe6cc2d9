import type { Command } from 'commander';
import { apiBodyLimit } from '../domain/apis/api-fields.ts';
import { deleteApi } from '../domain/apis/delete-api.ts';
import { getApi } from '../domain/apis/get-api.ts';
import { importApi, importApiInput } from '../domain/apis/import-api.ts';
import { listApis, listApisQuery } from '../domain/apis/list-apis.ts';
import { commandContext, print, withServices } from './act.ts';
import { describeApi, describeImport, tableOfApis } from './api-text.ts';
import type { CommandDeps } from './build-program.ts';
import { findApiId } from './find-api-id.ts';
import { parseInput } from './parse-input.ts';
import { readText } from './read-text.ts';

type Organization = { organization?: string };
type ImportOptions = Organization & { slug: string; name?: string; proposedScopes: boolean };
type ListOptions = Organization & { limit: string; cursor?: string };

const organizationOption = [
  '--organization <id or name>',
  'which organization, where there are several',
] as const;

export function addApiCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('apis').description('the APIs that keys protect');
  group
    .command('import')
    .description(
      'make an API from an OpenAPI document, or update it; connections to endpoints that stay are kept',
    )
    .argument('<file>', 'the document, JSON or YAML, or - for standard input')
    .requiredOption('--slug <slug>', 'the short name of the API, such as accounting; it is made or updated')
    .option('--name <name>', "what it is called; otherwise the document's title")
    .option(
      '--no-proposed-scopes',
      'propose no <slug>:read and <slug>:full where the document declares no scopes',
    )
    .option(...organizationOption)
    .action((file: string, options: ImportOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const input = parseInput(importApiInput, {
          slug: options.slug,
          ...(options.name === undefined ? {} : { name: options.name }),
          document: await readText(file, apiBodyLimit),
          proposeScopes: options.proposedScopes,
        });
        const { result, propagation, created } = await importApi(ctx, input);
        const { api, report } = result.value;
        print(command, { api, report, propagation }, () => describeImport(api, report, created));
      }),
    );
  group
    .command('list')
    .description('list APIs, newest first')
    .option('--limit <number>', 'how many', '50')
    .option('--cursor <cursor>', 'read on from here')
    .option(...organizationOption)
    .action(({ organization, ...query }: ListOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, organization);
        const page = await listApis(ctx, parseInput(listApisQuery, query));
        print(command, page, () => tableOfApis(page));
      }),
    );
  group
    .command('show')
    .description('show an API with its scopes and endpoints')
    .argument('<id or slug>')
    .option(...organizationOption)
    .action((idOrSlug: string, options: Organization, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { value } = await getApi(ctx, await findApiId(ctx, idOrSlug));
        print(command, value, () => describeApi(value));
      }),
    );
  group
    .command('delete')
    .description('delete an API with its scopes, endpoints and all connections to it')
    .argument('<id>')
    .option(...organizationOption)
    .action((id: string, options: Organization, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { result, propagation } = await deleteApi(ctx, id);
        print(
          command,
          { ...result, propagation },
          () => `Deleted ${result.id}: no key passes there any more.`,
        );
      }),
    );
}
