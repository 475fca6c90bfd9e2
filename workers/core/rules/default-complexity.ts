import type { ComplexityConfig } from './complexity.ts'

const words = (list: string) => list.split(',').map(word => word.trim())

/** What holds where a tenant has said nothing. Boundaries: Bifrost's defaults of three tiers. */
export const DEFAULT_COMPLEXITY: ComplexityConfig = {
  boundaries: { simpleMedium: 0.17, mediumComplex: 0.39 },
  keywords: {
    simple:
      words(`hello, hi, hey, good morning, thanks, thank you, what is, who is, when is, where is, define, translate,
      spell, yes or no, what time, how are you, tell me a joke, capital of`),
    code: words(`code, function, class, method, variable, bug, debug, compile, compiler error, stack trace, traceback,
      exception, refactor, unit test, regex, sql query, json schema, typescript, javascript, python, golang, rust, java,
      bash, script, api, endpoint, async, await, null pointer, segfault, import, library, repository, pull request,
      git, diff, lint`),
    technical: words(`architecture, distributed, microservice, kubernetes, docker, terraform, database, index, sharding,
      replication, consistency, concurrency, deadlock, race condition, latency, throughput, load balancer, cache,
      message queue, encryption, authentication, oauth, tls, protocol, scalability, fault tolerance, migration,
      schema, machine learning, neural network, embedding, transaction, compliance, threat model`),
    reasoning:
      words(`step by step, think through, reason about, analyze, analyse, compare and contrast, trade-off, tradeoff,
      pros and cons, prove, proof, derive, evaluate the, justify, root cause, first principles, what are the implications,
      explain why, weigh, optimal strategy, critique, chain of thought, edge cases`),
  },
}
