import { ChronogradError } from '../errors/chronograd-error.ts'

/** There is nothing to search with, or nothing to search in. */
export class SearchError extends ChronogradError {}
