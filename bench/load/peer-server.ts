import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { serveJson } from './serve-json.ts';

/*
 * What Keywright's verification is put beside: better-auth's API keys behind node:http alone, which reads a JSON body { key }
 * and answers what `verifyApiKey` gives as JSON. Arguments: where its keys are kept (database or secondary-storage), the
 * SQLite file, the file that it writes the secrets of its keys to, and how many it makes. Says its URL on standard output.
 * The settings are those with which it is fastest, as far as one process and its documentation go; parts/peer.ts says why.
 */

const [storage, databaseFile = '', secretsFile = '', count = ''] = process.argv.slice(2);

const database = new DatabaseSync(databaseFile);
database.exec('PRAGMA journal_mode = WAL');
database.exec('PRAGMA synchronous = NORMAL');

const kept = new Map<string, string>();
const options = {
  database,
  // Times to live are not looked at: the keys do not expire, and nothing else is kept here.
  secondaryStorage: {
    get: (name: string) => kept.get(name) ?? null,
    set: (name: string, value: string) => void kept.set(name, value),
    delete: (name: string) => void kept.delete(name),
    getAndDelete: (name: string) => {
      const value = kept.get(name) ?? null;
      kept.delete(name);
      return value;
    },
    increment: (name: string) => {
      const value = Number(kept.get(name) ?? 0) + 1;
      kept.set(name, String(value));
      return value;
    },
  },
  secret: randomBytes(32).toString('base64url'),
  baseURL: 'http://127.0.0.1',
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    apiKey({
      storage: storage === 'secondary-storage' ? 'secondary-storage' : 'database',
      rateLimit: { enabled: false },
    }),
  ],
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);

const secrets: string[] = [];
for (let made = 0; made < Number(count); made++) {
  // Each of another user, because with secondary storage every verification reads and writes the list of the user's keys.
  const { key } = await auth.api.createApiKey({ body: { userId: `user-${made}`, rateLimitEnabled: false } });
  secrets.push(key);
}
writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });

serveJson('better-auth', async (body, answer) => {
  const { key } = body as { key: string };
  answer(await auth.api.verifyApiKey({ body: { key } }));
});
