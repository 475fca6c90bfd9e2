export { MeterObject } from '../durable-objects/meter/object.ts'

export default {
  async fetch(): Promise<Response> {
    return new Response('weir')
  },
} satisfies ExportedHandler<Env>
