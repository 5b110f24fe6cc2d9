import { openServices } from '../../src/app.ts';
import { contextIn } from '../../src/cli/act.ts';
import { readConfig } from '../../src/config.ts';
import { createApiKeyInput } from '../../src/domain/api-keys/api-key-fields.ts';
import { createApiKey } from '../../src/domain/api-keys/create-api-key.ts';
import {
  createApplication,
  createApplicationInput,
} from '../../src/domain/applications/create-application.ts';
import type { Ctx, Services } from '../../src/domain/context.ts';
import { createLog } from '../../src/lib/create-log.ts';
import type { Installation } from './run-command.ts';

/** Does something with the database of an installation, beside whatever else has it open. */
export async function within<Result>(
  at: Installation,
  action: (services: Services) => Promise<Result>,
): Promise<Result> {
  const services = await openServices(
    readConfig(at.environment, () => undefined),
    { log: createLog('error') },
  );
  try {
    return await action(services);
  } finally {
    await services.close();
  }
}

/** A context in the organization of this name. */
export async function contextOf(services: Services, name: string): Promise<Ctx> {
  const { id } = await services.database.read
    .selectFrom('organization')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return contextIn(services, id);
}

/** Keys of these names in a new application, with their secrets. */
export async function issueKeys(
  ctx: Ctx,
  names: readonly string[],
): Promise<{ id: string; name: string; secret: string }[]> {
  const application = await createApplication(
    ctx,
    createApplicationInput.parse({ title: `Application of ${names.join(', ')}`, description: '' }),
  );
  const issued = [];
  for (const name of names) {
    const { result } = await createApiKey(
      ctx,
      createApiKeyInput.parse({
        name,
        applicationId: application.result.value.id,
        environment: 'production',
        scopes: [],
      }),
    );
    issued.push({ id: result.apiKey.id, name, secret: String(result.secret) });
  }
  return issued;
}
