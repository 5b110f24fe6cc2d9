import type { Command } from 'commander';
import type { Api } from '../domain/apis/api.ts';
import { getApi } from '../domain/apis/get-api.ts';
import type { Connection } from '../domain/applications/connections.ts';
import { getConnections } from '../domain/applications/get-connections.ts';
import { replaceConnections } from '../domain/applications/replace-connections.ts';
import type { Ctx } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { commandContext, print, withServices } from './act.ts';
import { describeConnections } from './application-text.ts';
import type { CommandDeps } from './build-program.ts';
import { findApiId } from './find-api-id.ts';

type Options = { organization?: string; api: string; endpoint?: string[] };

/** `connect` sets what an application may call at one API, `disconnect` takes it away; other APIs stay as they are. */
export function addConnectCommands(group: Command, deps: CommandDeps): void {
  group
    .command('connect')
    .description('let an application call an API: all of it, or the endpoints that are named')
    .argument('<id>', 'the application')
    .requiredOption('--api <id or slug>', 'the API')
    .option('--endpoint <endpoints...>', 'only these, each as "GET /orders/{id}" or by its id')
    .option('--organization <id or name>', 'which organization, where there are several')
    .action((id: string, options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { value: api } = await getApi(ctx, await findApiId(ctx, options.api));
        const endpoints =
          options.endpoint === undefined ? ('all' as const) : findEndpoints(api, options.endpoint);
        await change(ctx, command, id, (others) => [...others, { apiId: api.id, endpoints }], api.id);
      }),
    );
  group
    .command('disconnect')
    .description('let an application call nothing of an API any more')
    .argument('<id>', 'the application')
    .requiredOption('--api <id or slug>', 'the API')
    .option('--organization <id or name>', 'which organization, where there are several')
    .action((id: string, options: Options, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        await change(ctx, command, id, (others) => others, await findApiId(ctx, options.api));
      }),
    );
}

async function change(
  ctx: Ctx,
  command: Command,
  applicationId: string,
  next: (others: Connection[]) => Connection[],
  apiId: string,
): Promise<void> {
  const { value, revision } = await getConnections(ctx, applicationId);
  const connections = next(value.connections.filter((connection) => connection.apiId !== apiId));
  // Somebody else may have changed them since: then this is refused, and done again by whoever runs it.
  const { result, propagation } = await replaceConnections(ctx, applicationId, {
    connections,
    expectedRevision: revision,
  });
  print(command, { ...result.value, propagation }, () =>
    result.value.connections.length === 0
      ? 'It may call nothing now.'
      : `It may call:  ${describeConnections(result.value.connections)}`,
  );
}

/** @throws AppError that names what is no endpoint of the API. */
function findEndpoints(api: Api, asked: readonly string[]): string[] {
  return asked.map((text) => {
    const [method, path] = text.trim().split(/\s+/);
    const found = api.endpoints.find(
      (endpoint) =>
        endpoint.id === text || (endpoint.method === method?.toUpperCase() && endpoint.path === path),
    );
    if (found !== undefined) return found.id;
    throw new AppError(
      'invalid_request',
      `${api.slug} has no endpoint "${text}". Write it as "GET /path/{parameter}"; see: keywright apis show ${api.slug}`,
    );
  });
}
