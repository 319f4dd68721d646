import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module';
import type { GatewayParts } from './app.module';
import { serveDocs } from './docs/openapi';
import { passOctetsToStore } from './http/octets';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Routes of operators, which have no version. */
const OPERATIONS = ['health', 'health/live', 'health/ready', 'metrics'];
const REQUEST_ID_HEADER = 'x-request-id';
const RELAY_PREFIX = '/api/v1/relay/';
/** The largest signed transaction, 1 MiB, as base64url in JSON. */
const RELAY_BODY_BYTES_MAX = 1536 * 1024;

/** The caller's own request id where it is harmless in a log line, otherwise a new one. */
function requestId(raw: IncomingMessage): string {
  const given = raw.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function newAdapter(bodyLimitBytes: number): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    genReqId: requestId,
    requestIdHeader: false,
    routerOptions: { ignoreTrailingSlash: false },
    return503OnClosing: true,
  });
}

/**
 * Builds the gateway: routes under `/api/v1`, health, and the docs. It does not listen yet.
 * @param parts settings, identities and ledger, ready to use
 */
export async function newApplication(parts: GatewayParts): Promise<NestFastifyApplication> {
  const adapter = newAdapter(parts.settings.bodyLimitBytes);
  const application = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(parts),
    adapter,
    // The options are declared as a class of which Nest exports nothing but the type.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    { bufferLogs: true, abortOnError: false, bodyParser: false },
  );
  await prepare(application);
  return application;
}

async function prepare(application: NestFastifyApplication): Promise<void> {
  application.useLogger(application.get(Logger));
  application.setGlobalPrefix('api/v1', { exclude: OPERATIONS });
  await application.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        // Swagger UI sets style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The gateway itself speaks HTTP on the loopback address.
    strictTransportSecurity: false,
  });
  const fastify = application.getHttpAdapter().getInstance();
  // Fastify reads JSON and plain text by itself; with Nest's parsers off, JSON is what remains.
  fastify.removeContentTypeParser('text/plain');
  passOctetsToStore(application);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id).header('cache-control', 'no-store');
    done();
  });
  fastify.addHook('onRoute', (route) => {
    if (route.url.startsWith(RELAY_PREFIX)) route.bodyLimit = RELAY_BODY_BYTES_MAX;
  });
  serveDocs(application);
}
