import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { systemActor } from '../domain/access/actor.ts';
import type { Ctx, Services } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { isId } from '../lib/ids.ts';
import type { CommandDeps } from './build-program.ts';
import { describePropagation, type Propagation } from './describe-propagation.ts';

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

/** So many organizations are named to somebody who has to choose. */
const shown = 20;

/**
 * The context in which a command acts, as the system: whoever may read the database and the peppers may do anything.
 * @throws AppError where the organization is not named and there is not exactly one.
 */
export async function commandContext(services: Services, organization: string | undefined): Promise<Ctx> {
  const chosen = await findOrganizations(services, organization);
  const [only, second] = chosen;
  if (only === undefined || second !== undefined) {
    const there = await findOrganizations(services, undefined);
    const known = there.map((row) => `${row.id} (${row.name})`).join(', ');
    throw new AppError(
      'invalid_request',
      there.length === 0
        ? 'There is no organization yet. Make one: keywright organizations create <name>'
        : `Say which organization: --organization <id or name>. There are: ${known}${there.length === shown ? ', …' : ''}`,
    );
  }
  return contextIn(services, only.id);
}

/**
 * Those of this id or name, or all: the oldest of them. What is an id is no name: else who may rename one organization could
 * keep the command line from another, by calling theirs by its id.
 */
function findOrganizations(services: Services, idOrName: string | undefined) {
  let select = services.database.read
    .selectFrom('organization')
    .select(['id', 'name'])
    .orderBy('id')
    .limit(shown);
  if (idOrName !== undefined) {
    select = select.where(isId(idOrName, 'org') ? 'id' : 'name', '=', idOrName);
  }
  return select.execute();
}

export function contextIn(services: Services, organizationId: string): Ctx {
  return {
    ...services,
    actor: systemActor,
    organizationId,
    request: { id: `cli_${randomUUID()}`, ip: null, userAgent: 'keywright command line' },
  };
}

/** With --json the API's body, alone on standard output; otherwise text for people, and of a change since when it holds. */
export function print(command: Command, body: object, text: () => string): void {
  if (command.optsWithGlobals().json === true) {
    console.log(JSON.stringify(body, null, 2));
    return;
  }
  const { propagation } = body as { propagation?: Propagation };
  console.log(propagation === undefined ? text() : `${text()}\n${describePropagation(propagation)}`);
}
