import { type DestinationStream, pino } from 'pino';
import { hideSecrets } from './hide-secrets.ts';

/** One line of JSON an event, on standard error, so that standard output stays a command's own. `worker`: whose lines these are. */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
  worker?: number,
) {
  const logger = pino(
    {
      level,
      base: { pid: process.pid, ...(worker === undefined ? {} : { worker }) },
      formatters: { level: (label) => ({ level: label }) },
      // Whatever was said: a line that holds a secret never leaves.
      hooks: { streamWrite: hideSecrets },
      // A name like these never belongs in a log; no caller passes one, and this is for the day when one does.
      redact: [
        'secret',
        'authorization',
        'password',
        'cookie',
        '*.secret',
        '*.authorization',
        '*.password',
        '*.cookie',
      ],
    },
    destination,
  );
  return {
    info: (fields: object, message: string) => logger.info(fields, message),
    warn: (fields: object, message: string) => logger.warn(fields, message),
    error: (fields: object, error: unknown, message: string) =>
      logger.error({ ...fields, error: describeError(error) }, message),
  };
}

/**
 * What may be said of an error: its name, code, place. Of a driver's error not the message's detail, which quotes values
 * (PostgreSQL prints the value that a unique index refused).
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  const fromDriver = 'severity' in error || 'errcode' in error;
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    message: fromDriver ? undefined : error.message,
    place: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 8)
      .map((line) => line.trim()),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}
