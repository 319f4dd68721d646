import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { cleanupOpenApiDoc } from 'nestjs-zod';

const DESCRIPTION = `
A public procurement ledger. Every command carries a \`requestId\` of the caller's choice: the same
request again gets the first answer and changes nothing.

Press **Authorize** and enter the bearer token of a wallet identity. Bids come sealed: an envelope
is made in the caller's own program, and neither a plain bid nor an opening key is ever sent here.
Refusals are problem documents (RFC 9457) with the ledger's reject code.
`;

/** In the order in which a procedure comes to them. */
const TAGS = [
  ['me', 'Who the ledger takes the caller for'],
  ['vendors', 'The register of vendors'],
  ['tenders', 'From draft to close'],
  ['bids', 'Sealed bids'],
  ['store', 'Sealed documents, kept off the ledger'],
  ['openings', 'The opening committee: keys, shares and what they open'],
  ['awards', 'Evaluation and award'],
  ['trail', 'Who did what'],
  ['health', 'Whether it works'],
] as const;

/** Serves Swagger UI at `/docs` and the document at `/openapi.json`; nothing comes from outside. */
export function serveDocs(application: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Procurement ledger')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' });
  for (const [name, description] of TAGS) {
    config.addTag(name, description);
  }
  // Made when it is first asked for, so that a start does not wait for it.
  const document = (): OpenAPIObject =>
    cleanupOpenApiDoc(SwaggerModule.createDocument(application, config.build()));
  SwaggerModule.setup('docs', application, document, {
    jsonDocumentUrl: 'openapi.json',
    swaggerOptions: { persistAuthorization: false, tryItOutEnabled: true },
  });
}
