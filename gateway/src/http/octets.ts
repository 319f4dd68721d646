import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Media type of bytes that say nothing of themselves. */
export const OCTETS = 'application/octet-stream';

const STORE_PREFIX = '/api/v1/store/';

/**
 * Lets the routes of the store read their bodies by themselves, as they come, however long they
 * are. Everywhere else bytes are refused like any other media type.
 */
export function passOctetsToStore(application: NestFastifyApplication): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(OCTETS, (request, payload, done) => {
    const isStore = request.routeOptions.url?.startsWith(STORE_PREFIX) === true;
    done(isStore ? null : new UnsupportedMediaTypeException(), isStore ? payload : undefined);
  });
}
