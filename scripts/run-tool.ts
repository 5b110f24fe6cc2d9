import { spawn } from 'node:child_process';

export type ToolResult = { code: number | null; output: string };

/**
 * Runs a program to its end, without input, and gathers what it says. It gets no signal of the terminal's, so that
 * a Ctrl-C leaves it to its caller how to end in order.
 * @param options.as the user to run as; only root may name one
 */
export function runTool(
  command: string,
  args: string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    as?: { uid: number; gid: number } | undefined;
    signal?: AbortSignal;
  } = {},
): Promise<ToolResult> {
  const { as, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, ...as, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const gather = (chunk: string) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', gather);
    child.stderr.setEncoding('utf8').on('data', gather);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: 127, output: `${command}: not found` });
      else reject(error);
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}
