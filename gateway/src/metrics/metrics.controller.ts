import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HttpReply } from '../http/exchange';
import { Public } from '../identity/caller';
import { Metrics } from './metrics';
import { MetricsGuard } from './metrics.guard';

/** Figures for Prometheus. The route has a token of its own, so it is public to the bearer guard. */
@ApiTags('health')
@ApiBearerAuth()
@Public()
@UseGuards(MetricsGuard)
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @ApiOperation({ summary: "Figures in Prometheus' text format, for the token of metrics.token" })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async read(@Res() reply: HttpReply): Promise<void> {
    reply
      .code(200)
      .type(this.metrics.contentType)
      .send(await this.metrics.text());
  }
}
