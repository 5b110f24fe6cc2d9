import { fileURLToPath } from 'node:url';

const TOOLS = {
  biome: '../node_modules/@biomejs/biome/bin/biome',
  tsc: '../node_modules/typescript/bin/tsc',
};

/** The path of a development tool's script, to be run by Node: nothing of the PATH or of npx takes part. */
export function resolveTool(name: keyof typeof TOOLS): string {
  return fileURLToPath(new URL(TOOLS[name], import.meta.url));
}
