import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { OPENAPI_LIMITS, type OpenApiLimits } from './openapi-limits.ts';
import type { OpenApiReading } from './openapi-reading.ts';
import type { ReaderAnswer, ReaderTask } from './reader-thread.ts';
import { takeTurns } from './take-turns.ts';

const takeTurn = takeTurns({ atOnce: 2, waiting: 8 });
const LONGEST_POINTER = 1_000; // longer keys are an attack; the message still shows their beginning
const READER_THREAD = new URL(`./reader-thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Reads an OpenAPI 3.0, 3.1 or 3.2 document, given as a parsed object or as JSON or YAML text, into endpoints and scopes.
 * The work is done in a thread of its own with bounds on memory and time and without the process's environment: a hostile
 * document can neither hold up the event loop nor end the process. Nothing is fetched or read from disk. At most two documents
 * are read at once.
 *
 * @throws AppError `invalid_document` with the place (a JSON pointer, or line and column) and the reason; its field's pointer
 * is into a request body that has the document as `document`. `unavailable` where too many documents wait.
 */
export async function readOpenApiDocument(
  input: { document: unknown; slug: string; proposeScopes: boolean },
  limits: Partial<OpenApiLimits> = {},
): Promise<OpenApiReading> {
  const bounds = { ...OPENAPI_LIMITS, ...limits };
  const text = typeof input.document === 'string' ? input.document : writeAsText(input.document);
  if (text.length > bounds.textLength) {
    throw invalid(`The document is longer than ${bounds.textLength} characters.`);
  }
  const { slug, proposeScopes } = input;
  const answer = await takeTurn(() => runReader({ text, slug, proposeScopes, limits: bounds }));
  if (answer.ok) return answer.reading;
  const pointer = answer.pointer ?? '';
  const inside = typeof input.document === 'string' || pointer.length > LONGEST_POINTER ? '' : pointer;
  throw invalid(answer.message, inside, answer.unexpected ?? undefined);
}

/** A string crosses into a thread at the cost of a copy; an object would be walked twice to be cloned. */
function writeAsText(document: unknown): string {
  if (typeof document !== 'object' || document === null) {
    throw invalid('document must be an OpenAPI description, as an object or as JSON or YAML text.');
  }
  try {
    return JSON.stringify(document);
  } catch (error) {
    // A stack that overflows, or a circle, which only a caller inside the program could make.
    throw invalid('The document is nested too deeply.', '', error);
  }
}

function invalid(message: string, pointer = '', cause?: unknown): AppError {
  return new AppError('invalid_document', message, {
    fields: [{ pointer: `/document${pointer}`, message }],
    ...(cause === undefined ? {} : { cause }),
  });
}

async function runReader(task: ReaderTask): Promise<ReaderAnswer> {
  const { memoryMegabytes, milliseconds } = task.limits;
  const worker = new Worker(READER_THREAD, {
    workerData: task,
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    stdout: true, // captured and dropped: a library's warning may quote the document
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ReaderAnswer>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          invalid(
            `Reading the document took longer than ${milliseconds} ms. Import it in smaller parts, or as JSON if it is YAML.`,
          ),
        );
      }, milliseconds);
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        const message = `Reading the document took more than ${memoryMegabytes} MB of memory. Import it in smaller parts, or as JSON if it is YAML.`;
        reject(isMemory ? invalid(message, '', error) : error);
      });
      worker.once('exit', () =>
        reject(new Error('The thread that reads OpenAPI documents ended without an answer.')),
      );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
