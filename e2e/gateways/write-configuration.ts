import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const shipped = join(import.meta.dirname, '../../docs/gateways');

export type GatewayName = 'nginx' | 'caddy';

/** What stands behind the gateway. `keywright`: the gateway listener as host:port. */
export type Behind = { keywright: string; apiPort: number; apiId: string; environment: string };

type Replacement = readonly [from: string, to: string];

/** Writes the shipped configuration with what an operator must set replaced, and nothing else; answers the file to start with. */
export function writeConfiguration(name: GatewayName, folder: string, port: number, behind: Behind): string {
  if (name === 'caddy') return write(folder, 'Caddyfile', caddyReplacements(port, behind));
  for (const file of ['keywright-server.conf', 'keywright-location.conf']) {
    copyFileSync(join(shipped, file), join(folder, file));
  }
  return write(folder, 'nginx.conf', nginxReplacements(port, behind));
}

function nginxReplacements(port: number, behind: Behind): Replacement[] {
  return [
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['server 127.0.0.1:3100;', `server ${behind.keywright};`],
    ['server 127.0.0.1:8000;', `server 127.0.0.1:${behind.apiPort};`],
    ['api_00000000000000000000000000', behind.apiId],
    ['"production"', `"${behind.environment}"`],
  ];
}

/** Caddy's admin listener is off, since it would take a port that all Caddys of a machine share. */
function caddyReplacements(port: number, behind: Behind): Replacement[] {
  return [
    ['\n{\n', '\n{\n\tadmin off\n'],
    ['\n:8080 {', `\nhttp://:${port} {\n\tbind 127.0.0.1`],
    ['forward_auth 127.0.0.1:3100 {', `forward_auth ${behind.keywright} {`],
    ['reverse_proxy 127.0.0.1:8000 {', `reverse_proxy 127.0.0.1:${behind.apiPort} {`],
    ['api_00000000000000000000000000', behind.apiId],
    ['&environment=production', `&environment=${behind.environment}`],
  ];
}

/** Each text must stand in the shipped file once: otherwise the test would run something else than what is shipped. */
function write(folder: string, name: string, replacements: readonly Replacement[]): string {
  let text = readFileSync(join(shipped, name), 'utf8');
  for (const [from, to] of replacements) {
    if (text.split(from).length !== 2)
      throw new Error(`${name} must have ${JSON.stringify(from)} exactly once.`);
    text = text.replace(from, () => to);
  }
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
