import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { HttpReply, HttpRequest } from './exchange';
import { LedgerStageError } from '../ledger/stage-errors';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem';

const SERVER_ERROR = 500;

/** Answers every failure as a problem document (RFC 9457) and logs the ones of the server. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const reply = host.switchToHttp().getResponse<HttpReply>();
    const problem = problemOf(error, request.url.split('?')[0] ?? '/');
    if (problem.status >= SERVER_ERROR) {
      this.#log(error, problem.code);
    }
    if (problem.status === 401) {
      void reply.header('www-authenticate', 'Bearer');
    }
    void reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }

  /** The request's own log line, which has its id and status, follows by itself. */
  #log(error: unknown, code: string): void {
    if (error instanceof LedgerStageError) {
      const { transactionId, grpcCode, message } = error;
      this.#logger.error({ code, transactionId, grpcCode }, message);
    } else if (!(error instanceof HttpException)) {
      this.#logger.error({ code }, error instanceof Error ? error.stack : String(error));
    }
  }
}
