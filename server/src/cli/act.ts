import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { systemActor } from '../domain/access/actor.ts';
import type { Ctx, Services } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import type { CommandDeps } from './build-program.ts';

/** Opens what a command needs, and closes it whatever happens. */
export async function withServices<Result>(
  deps: CommandDeps,
  action: (services: Services) => Promise<Result>,
): Promise<Result> {
  const services = await deps.open();
  try {
    return await action(services);
  } finally {
    await services.close();
  }
}

/**
 * The context in which a command acts, as the system: whoever may read the database and the peppers may do anything.
 * @throws AppError where the organization is not named and there is not exactly one.
 */
export async function commandContext(services: Services, organization: string | undefined): Promise<Ctx> {
  const rows = await services.database.read
    .selectFrom('organization')
    .select(['id', 'name'])
    .orderBy('id')
    .limit(20)
    .execute();
  const chosen =
    organization === undefined
      ? rows
      : rows.filter((row) => row.id === organization || row.name === organization);
  const [only, second] = chosen;
  if (only === undefined || second !== undefined) {
    const known = rows.map((row) => `${row.id} (${row.name})`).join(', ');
    throw new AppError(
      'invalid_request',
      rows.length === 0
        ? 'There is no organization yet. Make one: keywright organizations create <name>'
        : `Say which organization: --organization <id or name>. There are: ${known}`,
    );
  }
  return contextIn(services, only.id);
}

export function contextIn(services: Services, organizationId: string): Ctx {
  return {
    ...services,
    actor: systemActor,
    organizationId,
    request: { id: `cli_${randomUUID()}`, ip: null, userAgent: 'keywright command line' },
  };
}

/** With --json the API's body, alone on standard output; otherwise text for people. */
export function print(command: Command, body: object, text: () => string): void {
  console.log(command.optsWithGlobals().json === true ? JSON.stringify(body, null, 2) : text());
}
