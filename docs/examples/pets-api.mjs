// A small API that believes what Keywright tells it: who calls stands in the X-Auth-* headers.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8000);

createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    `${JSON.stringify({ you: request.headers['x-auth-application-id'], asked: `${request.method} ${request.url}` })}\n`,
  );
}).listen(port, '127.0.0.1', () => console.log(`Pets at http://127.0.0.1:${port}`));
