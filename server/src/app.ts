import { setTimeout as pause } from 'node:timers/promises';
import { openCoherence } from './coherence/open-coherence.ts';
import type { Config } from './config.ts';
import { migrate } from './database/migrate.ts';
import { openDatabase } from './database/open.ts';
import { poolSizeOf } from './database/pool-size.ts';
import type { Services } from './domain/context.ts';
import { createManagementKeyAuthenticator } from './domain/management-keys/authenticate-management-key.ts';
import {
  checkInstallationKeys,
  hasInstallationKeys,
  WrongKeysError,
} from './domain/peppers/load-installation-keys.ts';
import { createClientAddressReader } from './http/client-address.ts';
import { createApiListener } from './http/create-api-listener.ts';
import { createGatewayListener } from './http/forward-auth/create-gateway-listener.ts';
import type { HttpDeps, Log } from './http/http-deps.ts';
import { type ConnectionLimits, type Listening, listen } from './http/listen.ts';
import { createMetrics } from './http/metrics/create-metrics.ts';
import { readReadiness } from './http/read-readiness.ts';
import { createVerifyListener } from './http/verify/verify-listener.ts';
import { startJobs } from './jobs/start-jobs.ts';
import { systemClock } from './lib/clock.ts';
import { createIdSource } from './lib/ids.ts';
import type { MetricSnapshot } from './lib/metrics/metric-snapshot.ts';
import { makePepperFile, parsePepperFile, readPepperFile, writePepperFile } from './lib/pepper-file.ts';
import { systemRandom } from './lib/random.ts';
import { createUses } from './verification/uses.ts';
import { createVerifier } from './verification/verifier.ts';
import type { WorkerPlace } from './workers/be-worker.ts';

/** The clock, randomness, log and patience that everything runs with; tests pass their own. */
export type Surroundings = {
  log: Log;
  clock?: Services['clock'];
  random?: Services['random'];
  limits?: ConnectionLimits;
  /** Among other workers; alone where it is not given. */
  place?: Place;
};

export type OpenServices = Services & { close: () => Promise<void> };

/**
 * Opens the database, brings it to this program's version, and checks that the peppers at hand are this installation's
 * (at the very first start it makes them).
 * @throws DatabaseTooNewError, WrongKeysError, UnavailableError.
 */
export async function openServices(config: Config, { log, ...given }: Surroundings): Promise<OpenServices> {
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const database = openDatabase(
    config.database,
    ({ reason }) => log.warn({ reason }, 'a database connection ended'),
    config.lease,
    poolSizeOf(config.workers),
  );
  try {
    const applied = await migrate(database, clock);
    if (applied.length > 0)
      log.info({ migrations: applied.join(', ') }, 'the database was brought up to date');
    const { peppers, auditKey } = await readInstallationKeys(config, database, random);
    await checkInstallationKeys(database, { peppers, auditKey }, clock, random);
    return {
      database,
      clock,
      random,
      newId: createIdSource(clock, random),
      peppers,
      auditKey,
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function readInstallationKeys(
  config: Config,
  database: Services['database'],
  random: Services['random'],
) {
  if (config.peppers !== null) return parsePepperFile(config.peppers, 'KEYWRIGHT_PEPPERS');
  const present = readPepperFile(config.pepperFile);
  if (present !== undefined) return present;
  if (await hasInstallationKeys(database)) {
    // Another one that starts beside us may have made the file and recorded it since we looked: it does so in this order.
    const madeMeanwhile = readPepperFile(config.pepperFile);
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    throw new WrongKeysError(
      `${config.pepperFile} is missing, and this database was used with one: without it no key could be verified. ` +
        'Restore it from your backup, or point KEYWRIGHT_PEPPER_FILE at it.',
    );
  }
  writePepperFile(config.pepperFile, makePepperFile(random), { replace: false });
  const made = readPepperFile(config.pepperFile);
  if (made === undefined) throw new Error(`${config.pepperFile} was written and cannot be read back.`);
  return made;
}

/** Who is alone counts for itself. */
type Place = Omit<WorkerPlace, 'countAll'> & Partial<Pick<WorkerPlace, 'countAll'>>;
const alone: Place = { number: 1, count: 1, serving: () => 1 };

export type Running = {
  apiUrl: string;
  gatewayUrl: string;
  services: Services;
  /** What it has counted so far. */
  takeSnapshot: () => Promise<MetricSnapshot[]>;
  close: () => Promise<void>;
};

/** Starts everything that `keywright serve` is. `close` lets running requests finish, for at most 10 s. */
export async function startKeywright(config: Config, surroundings: Surroundings): Promise<Running> {
  const { log } = surroundings;
  const services = await openServices(config, surroundings);
  const place = surroundings.place ?? alone;
  let isStopping = false;
  const uses = createUses(services.database, (error) =>
    log.error({}, error, 'last use could not be written'),
  );
  // Of several workers one does what is done by the clock; whoever takes its place has its number.
  const jobs =
    place.number === 1
      ? startJobs(services, (job, error) => log.error({ job }, error, 'a job failed; it is tried again'))
      : undefined;
  const coherence = openCoherence(services, (error) =>
    log.error({}, error, 'the lease could not be renewed; verifications read the database meanwhile'),
  );
  const verifier = createVerifier({ ...services, uses, coherence, cacheBytes: config.cacheBytes });
  const authenticate = createManagementKeyAuthenticator(services, coherence, uses.movePepper);
  const metrics = createMetrics({
    database: services.database,
    verifier,
    managementKeys: authenticate.cacheCounts,
    uses,
    coherence,
    worker: place,
  });
  const deps: HttpDeps = {
    services,
    authenticate,
    verifier: metrics,
    uses,
    readClientAddress: createClientAddressReader(config.trustedProxies),
    log,
    requestTimes: metrics.requestTimes,
    readMetrics: metrics.readMetrics,
    readReadiness: () =>
      readReadiness({
        services,
        coherence,
        isStopping,
        worker: { number: place.number, count: place.count, serving: place.serving() },
      }),
  };
  const opened: Listening[] = [];
  const close = async () => {
    isStopping = true;
    await Promise.all(opened.map((server) => server.close()));
    const rest = async () => {
      // First: until the lease is given back, whoever changes something waits for it.
      await coherence.close();
      await jobs?.close();
      await uses.close();
      await services.close();
    };
    // A database that does not answer must not keep the process from ending.
    await Promise.race([rest(), pause(2_500, undefined, { ref: false })]);
  };
  try {
    const api = await listen(
      createVerifyListener(deps, createApiListener(deps)),
      {
        host: config.host,
        port: config.port,
        hostSetting: 'KEYWRIGHT_HOST',
        portSetting: 'KEYWRIGHT_PORT',
      },
      services.newId,
      surroundings.limits,
    );
    opened.push(api);
    const gateway = await listen(
      createGatewayListener(deps, config),
      {
        host: config.gatewayHost,
        port: config.gatewayPort,
        hostSetting: 'KEYWRIGHT_GATEWAY_HOST',
        portSetting: 'KEYWRIGHT_GATEWAY_PORT',
      },
      services.newId,
      surroundings.limits,
    );
    opened.push(gateway);
    return {
      apiUrl: api.url,
      gatewayUrl: gateway.url,
      services,
      takeSnapshot: metrics.takeOwnSnapshot,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
