import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseIpRange } from './lib/ip-range.ts';

/** Everything that can be set, read once at the start. Names, defaults and meaning: docs/operations.md. */
export type Config = {
  host: string;
  port: number;
  gatewayHost: string;
  gatewayPort: number;
  dataDir: string;
  database: { url: string } | { path: string };
  publicUrl: string | null;
  trustedProxies: readonly string[];
  pepperFile: string;
  /** The pepper file's text, where it is given by the environment instead of a file. */
  peppers: string | null;
  secretAsUserName: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** CIDRs of those who may read the metrics. */
  metricsFrom: readonly string[];
  /** How many processes serve. */
  workers: number;
  /** How much each of them may keep of API keys; 0: nothing, each verification reads its key. */
  cacheBytes: number;
  /** With PostgreSQL: for how long what a verifier keeps may be used without hearing of the database, and how much longer in an outage; milliseconds. */
  lease: { leaseMs: number; graceMs: number };
};

/** Every setting that is wrong, one a line. */
export class ConfigError extends Error {}

const prefix = 'KEYWRIGHT_';
const names = [
  'HOST',
  'PORT',
  'GATEWAY_HOST',
  'GATEWAY_PORT',
  'DATA_DIR',
  'DATABASE_URL',
  'PUBLIC_URL',
  'TRUSTED_PROXIES',
  'PEPPER_FILE',
  'PEPPERS',
  'SECRET_AS_USER_NAME',
  'LOG_LEVEL',
  'METRICS_FROM',
  'WORKERS',
  'CACHE_MB',
  'LEASE_SECONDS',
  'ON_OUTAGE',
] as const;

const mostWorkers = 64;
const longestGraceSeconds = 86_400;
const loopback = '127.0.0.0/8,::1';

/** Settings of the design that later parts of the product read; naming them is no mistake. */
const laterNames: readonly string[] = ['SMTP_URL', 'WEBHOOK_ALLOW'];

/**
 * Reads the settings.
 * @throws ConfigError that lists every setting that is wrong. Values are not quoted: a database URL holds a password.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Config {
  const wrong: string[] = [];
  const read = (name: (typeof names)[number]): string | undefined => {
    const value = environment[prefix + name];
    return value === undefined || value === '' || isFromKubernetes(name, value) ? undefined : value;
  };
  const port = (name: 'PORT' | 'GATEWAY_PORT', standard: number): number => {
    const value = read(name) ?? String(standard);
    const number = Number(value);
    if (/^\d{1,5}$/.test(value) && number <= 65_535) return number;
    wrong.push(`${prefix}${name} must be a port from 0 to 65535`);
    return standard;
  };

  const dataDir = resolve(read('DATA_DIR') ?? './data');
  const url = read('DATABASE_URL');
  if (url !== undefined && !/^postgres(ql)?:\/\/./.test(url)) {
    wrong.push(
      `${prefix}DATABASE_URL must begin with postgres://; leave it out to use SQLite in the data directory`,
    );
  }
  const publicUrl = read('PUBLIC_URL')?.replace(/\/+$/, '') ?? null;
  if (publicUrl !== null && !/^https?:\/\/[^\s?#]+$/.test(publicUrl)) {
    wrong.push(
      `${prefix}PUBLIC_URL must be an http or https URL without query, such as https://keys.example.com`,
    );
  }
  const ranges = (name: 'TRUSTED_PROXIES' | 'METRICS_FROM', value: string): string[] => {
    const given = value.split(',').map((range) => range.trim());
    for (const range of given) {
      const parsed = parseIpRange(range);
      if (!parsed.ok) wrong.push(`${prefix}${name}: ${JSON.stringify(range)}: ${parsed.message}`);
    }
    return given;
  };
  const trustedProxies = ranges('TRUSTED_PROXIES', read('TRUSTED_PROXIES') ?? loopback);
  const metricsReaders = read('METRICS_FROM') ?? loopback;
  const metricsFrom = metricsReaders === 'off' ? [] : ranges('METRICS_FROM', metricsReaders);
  const logLevel = read('LOG_LEVEL') ?? 'info';
  if (!isLogLevel(logLevel)) wrong.push(`${prefix}LOG_LEVEL must be debug, info, warn or error`);
  const secretAsUserName = read('SECRET_AS_USER_NAME') ?? 'off';
  if (!['on', 'off'].includes(secretAsUserName)) wrong.push(`${prefix}SECRET_AS_USER_NAME must be on or off`);
  const workers = read('WORKERS') ?? String(Math.min(8, availableParallelism()));
  if (!/^[1-9]\d?$/.test(workers) || Number(workers) > mostWorkers) {
    wrong.push(`${prefix}WORKERS must be a whole number from 1 to ${mostWorkers}`);
  }

  const cacheMegabytes = read('CACHE_MB') ?? '256';
  if (!/^\d{1,5}$/.test(cacheMegabytes)) {
    wrong.push(`${prefix}CACHE_MB must be a whole number of megabytes from 0 (no cache of keys) to 99999`);
  }
  const leaseSeconds = read('LEASE_SECONDS') ?? '3';
  if (!/^\d{1,2}(\.\d)?$/.test(leaseSeconds) || Number(leaseSeconds) < 0.5 || Number(leaseSeconds) > 60) {
    wrong.push(`${prefix}LEASE_SECONDS must be a number of seconds from 0.5 to 60, such as 3`);
  }
  const onOutage = read('ON_OUTAGE') ?? 'refuse';
  const graceSeconds = onOutage === 'refuse' ? '0' : /^serve-cached:([1-9]\d{0,4})$/.exec(onOutage)?.[1];
  if (graceSeconds === undefined || Number(graceSeconds) > longestGraceSeconds) {
    wrong.push(
      `${prefix}ON_OUTAGE must be refuse, or serve-cached:<seconds> with at most ${longestGraceSeconds}, such as serve-cached:60`,
    );
  }

  const config: Config = {
    host: read('HOST') ?? '127.0.0.1',
    port: port('PORT', 3000),
    gatewayHost: read('GATEWAY_HOST') ?? '127.0.0.1',
    gatewayPort: port('GATEWAY_PORT', 3100),
    dataDir,
    database: url === undefined ? { path: join(dataDir, 'keywright.db') } : { url },
    publicUrl,
    trustedProxies,
    pepperFile: resolve(read('PEPPER_FILE') ?? join(dataDir, 'peppers.json')),
    peppers: read('PEPPERS') ?? null,
    secretAsUserName: secretAsUserName === 'on',
    logLevel: isLogLevel(logLevel) ? logLevel : 'info',
    metricsFrom,
    workers: Number(workers),
    cacheBytes: Number(cacheMegabytes) * 1_000_000,
    lease: { leaseMs: Number(leaseSeconds) * 1_000, graceMs: Number(graceSeconds) * 1_000 },
  };
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  warnOfUnknown(environment, warn);
  return config;
}

function isLogLevel(text: string): text is Config['logLevel'] {
  return ['debug', 'info', 'warn', 'error'].includes(text);
}

/** Kubernetes gives every pod `<SERVICE>_PORT=tcp://…` and its like for a service called keywright. */
function isFromKubernetes(name: string, value: string | undefined): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value ?? '') || /^(SERVICE_(HOST|PORT)|PORT_\d+_)/.test(name);
}

function warnOfUnknown(
  environment: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): void {
  const known = [...names, ...laterNames];
  for (const [full, value] of Object.entries(environment)) {
    if (!full.startsWith(prefix)) continue;
    const name = full.slice(prefix.length);
    if (known.includes(name) || name.startsWith('TEST_') || name === 'CHAOS' || isFromKubernetes(name, value))
      continue;
    const nearest = [...known].sort((a, b) => distance(name, a) - distance(name, b))[0] ?? '';
    warn(`${full} is not a setting of Keywright; the nearest one is ${prefix}${nearest}.`);
  }
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
