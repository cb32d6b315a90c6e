export { type CheckpointContext, checkpointMachine } from '../machines/checkpoint.ts'
export { type SubscriberContext as SubscriberMachineContext, subscriberMachine } from '../machines/subscriber.ts'
export { trainerMachine } from '../machines/trainer.ts'
export type { CheckpointRecord, Plan, Progress, TrainerCommand, TrainerContext } from '../machines/trainer-context.ts'
export { workerMachine } from '../machines/worker.ts'
export {
  type Backend,
  type BackendChoice,
  type BackendName,
  BackendUnavailableError,
} from './backends/backend.ts'
export { examineBackends } from './backends/doctor.ts'
export { prepareBackend } from './backends/prepare-backend.ts'
export { type SetupOptions, type SetupProgress, setUpTensorflow } from './backends/tensorflow/setup.ts'
export { TensorflowSetupError } from './backends/tensorflow/setup-error.ts'
export { HeapFullError } from './backends/wasm/heap-full-error.ts'
export { type ArchiveSummary, archiveRun, unarchiveRun } from './backup/archive-run.ts'
export { BackupError, RestoreError } from './backup/backup-errors.ts'
export { backupStore } from './backup/backup-store.ts'
export type { CopyOptions, CopyProgress, CopySummary } from './backup/copy-summary.ts'
export type { LostFile } from './backup/file-collection.ts'
export { restoreStore } from './backup/restore-store.ts'
export { captionsOf } from './data/captions.ts'
export { type CsvSourceOptions, csvSource } from './data/csv-source.ts'
export { inMemorySource } from './data/in-memory-source.ts'
export { type IterableSourceOptions, iterableSource } from './data/iterable-source.ts'
export { jsonlSource } from './data/jsonl-source.ts'
export { type ParquetSourceOptions, parquetSource } from './data/parquet-source.ts'
export type { SkippedSample } from './data/picture-cache.ts'
export type { Picture, Sample, Source, UnusableSample } from './data/source.ts'
export { SourceError } from './data/source-error.ts'
export type { AnySource, Shard, ShardEntry, StreamedSource } from './data/streamed-source.ts'
export { type WebDatasetOptions, webDataset } from './data/webdataset-source.ts'
export type { Detector, DetectorState, DetectorValue } from './diagnostics/detector.ts'
export { detectors } from './diagnostics/detectors.ts'
export { diagnose } from './diagnostics/diagnose.ts'
export type { Diagnosis, Finding } from './diagnostics/diagnosis.ts'
export { ChronogradError } from './errors/chronograd-error.ts'
export { defineEvent, type EventDefinition, type FactOf } from './events/define-event.ts'
export {
  InvalidEventError,
  NewerEventError,
  UnknownEventTypeError,
  UnreadableEventError,
} from './events/event-errors.ts'
export { count, real, reals } from './events/real.ts'
export type { EventMeta, NewEvent, RecordedEvent } from './events/recorded-event.ts'
export {
  isTrainingEvent,
  type TrainingData,
  type TrainingEvent,
  type TrainingEventType,
  type TrainingFact,
  trainingEvents,
} from './events/training-events.ts'
export type { AttemptEnding } from './history/attempt-endings.ts'
export type { ComparedPair } from './history/compare-losses.ts'
export { type ComparedRun, ComparisonError, compareRuns, type RunComparison } from './history/compare-runs.ts'
export { type Difference, differencesBetween } from './history/differences.ts'
export { type FamilyMember, familiesOf } from './history/families.ts'
export { KnownPairs } from './history/known-pairs.ts'
export { type CommonHistory, commonHistory, type Generation, lineageOf } from './history/lineage.ts'
export { type MetricStanding, metricsAt } from './history/metrics-at.ts'
export { PlaybackError, type PlaybackOptions, playback } from './history/playback.ts'
export { type RunStanding, runAt } from './history/run-at.ts'
export { type RunOverview, runOverview } from './history/run-overview.ts'
export { NoSuchMomentError, type RunMoment } from './history/version-of-step.ts'
export { type Explanation, explainRun, type StandingReason } from './history/why.ts'
export { ArchiveDamagedError, ArchiveError } from './journal/archive/archive-errors.ts'
export type { ArchiveOptions } from './journal/archive/archive-writer.ts'
export type { ArchivedChunk } from './journal/archive/archived-chunk.ts'
export type { FeedItem, FeedOptions } from './journal/event-feed.ts'
export type { ReadOptions } from './journal/event-reader.ts'
export { ConcurrencyError, type ExpectedVersion } from './journal/expected-version.ts'
export type { FoldResult } from './journal/fold.ts'
export { Journal, type JournalOptions, type StreamInfo } from './journal/journal.ts'
export {
  EventIdConflictError,
  JournalDamagedError,
  JournalOpenError,
  JournalReadOnlyError,
  JournalWriteError,
} from './journal/journal-errors.ts'
export { AdamW, type AdamWConfig, type AdamWConfigInput, OptimizerError } from './learning/adamw.ts'
export { applyBlock } from './learning/apply-block.ts'
export {
  createDualEncoder,
  createImageTower,
  createTextTower,
  DualEncoder,
  type DualEncoderOptions,
  ModelConfigError,
} from './learning/dual-encoder.ts'
export {
  type DualEncoderConfig,
  type DualEncoderConfigInput,
  dualEncoderConfig,
} from './learning/dual-encoder-config.ts'
export { FreezeError } from './learning/freeze.ts'
export { type LayerStatistics, layerStatistics } from './learning/layer-statistics.ts'
export {
  type BatchFeatures,
  type BatchLoss,
  type LogitParameters,
  LossError,
  lossOf,
} from './learning/loss/batch-loss.ts'
export { type InitialLogits, initialLogitsOf, sigmoidLogits, softmaxLogits } from './learning/loss/initial-logits.ts'
export { type LossConfig, type LossConfigInput, lossConfig } from './learning/loss/loss-config.ts'
export type { BatchLabels } from './learning/loss/right-answers.ts'
export { type LayerSize, type ModelSize, measureModel } from './learning/measure-model.ts'
export { type Alignment, AlignmentError, alignment } from './learning/metrics/alignment.ts'
export type { FeatureMatrix, GroupedFeatures } from './learning/metrics/feature-matrix.ts'
export { type FeatureMoments, featureMoments } from './learning/metrics/feature-moments.ts'
export { type Neighbour, nearest } from './learning/metrics/nearest.ts'
export { type Ranks, retrievalRanks } from './learning/metrics/ranks.ts'
export { type Retrieval, RetrievalError, retrieval } from './learning/metrics/retrieval.ts'
export { splitLoss } from './learning/metrics/split-loss.ts'
export { dimensionDeviation, effectiveRank, modalityGap } from './learning/metrics/spread.ts'
export { uniformity } from './learning/metrics/uniformity.ts'
export { type ZeroShotAccuracy, zeroShotAccuracy } from './learning/metrics/zero-shot-accuracy.ts'
export {
  type AveragingConfig,
  type AveragingConfigInput,
  averagingConfig,
  ModelAverage,
  ModelAverageError,
} from './learning/model-average.ts'
export type { Optimizer } from './learning/optimizer.ts'
export type { Parameter } from './learning/parameter.ts'
export { ParameterBuilder } from './learning/parameter-builder.ts'
export { inference, type Pass, TrainingPass } from './learning/pass.ts'
export { type Preset, type PresetName, presets } from './learning/presets.ts'
export { huggingFaceClipWeights, openClipWeights } from './learning/pretrained/clip-weights.ts'
export { torchvisionResnetWeights } from './learning/pretrained/resnet-weights.ts'
export type { WeightMap, WeightOrigin } from './learning/pretrained/weight-map.ts'
export type { Stateful, StateSlot } from './learning/stateful.ts'
export { Tokenizer, TokenizerError } from './learning/tokenizer/tokenizer.ts'
export { trainTokenizer } from './learning/tokenizer/train-tokenizer.ts'
export { LayersModelError, layersModelTower } from './learning/towers/layers-model-tower.ts'
export type { ImageTower, TextTower, Tower } from './learning/towers/tower.ts'
export { TextLengthError } from './learning/towers/transformer-text-tower.ts'
export { ImageSizeError } from './learning/towers/vision-transformer-image-tower.ts'
export { BatchError, type TrainingBatch } from './learning/training-batch.ts'
export { type StepResult, trainingStep } from './learning/training-step.ts'
export {
  type ZeroShotClassifier,
  ZeroShotError,
  type ZeroShotOptions,
  zeroShotClassifier,
} from './learning/zero-shot.ts'
export type { Points } from './metrics/growing-points.ts'
export { MemoryHome } from './metrics/memory-home.ts'
export { MetricError } from './metrics/metric-error.ts'
export type { MetricOutput } from './metrics/metric-line.ts'
export type { MetricValues } from './metrics/metric-values.ts'
export type { Better } from './metrics/metric-words.ts'
export {
  type AlignmentMetrics,
  type CollectorOptions,
  type MetricSummary,
  MetricsCollector,
  type UpdateOptions,
} from './metrics/metrics-collector.ts'
export type { Mark, MetricsHome, SeriesKey, SeriesPoints, SeriesSummary } from './metrics/metrics-home.ts'
export { type Observation, observationOf } from './metrics/observation.ts'
export { RunningSummary } from './metrics/running-summary.ts'
export type { SavedMetrics } from './metrics/saved-metrics.ts'
export { ProfileError } from './profile/profile-error.ts'
export type { OperationTime, ProfileSummary, SpanTime } from './profile/profile-summary.ts'
export { Profiler, type ProfilerOptions } from './profile/profiler.ts'
export type { SpanDetails, Track, Tracks } from './profile/track.ts'
export type { Chart, ChartLine, ChartMark } from './reports/chart.ts'
export { ChartError } from './reports/chart-error.ts'
export { type ContactSheet, drawContactSheet } from './reports/contact-sheet.ts'
export { createSchedule } from './schedules/create-schedule.ts'
export { LearningRateSchedule, ScheduleError, type ScheduleSpan } from './schedules/learning-rate-schedule.ts'
export { type ScheduleConfig, type ScheduleConfigInput, scheduleConfig } from './schedules/schedule-config.ts'
export type { SearchQuery } from './search/embed-query.ts'
export { SearchError } from './search/search-error.ts'
export { type FoundSample, type SearchOptions, type SearchResult, searchRun } from './search/search-run.ts'
export { RunLockedError } from './storage/run-lock.ts'
export { type SafetensorsEntry, SafetensorsError } from './storage/safetensors.ts'
export { openSafetensors, type SafetensorsReader, type SafetensorsScan } from './storage/safetensors-reader.ts'
export { runStream, Store } from './storage/store.ts'
export { checkpointsSubscriber } from './subscribers/checkpoints.ts'
export { diagnosticsSubscriber } from './subscribers/diagnostics.ts'
export { JournalHome } from './subscribers/journal-home.ts'
export { layersSubscriber } from './subscribers/layers.ts'
export { metricsSubscriber } from './subscribers/metrics.ts'
export { checkProjection, type ProjectionCheck } from './subscribers/projection-check.ts'
export { type ReplayResult, replay } from './subscribers/replay.ts'
export { standardSubscribers } from './subscribers/standard-subscribers.ts'
export type { Held, OpenHeld, Subscriber, SubscriberContext } from './subscribers/subscriber.ts'
export { InvalidSubscriberError } from './subscribers/subscriber.ts'
export { SubscriberRunner } from './subscribers/subscriber-runner.ts'
export type { CapturedCheckpoint } from './trainer/captured-checkpoint.ts'
export type { CheckpointState } from './trainer/checkpoint-content.ts'
export { CheckpointError, CheckpointMismatchError, type Mismatch } from './trainer/checkpoint-errors.ts'
export type { CheckpointSummary } from './trainer/checkpoint-folder.ts'
export {
  CheckpointManager,
  type CheckpointManagerOptions,
  type LoadedCheckpoint,
  type SavedCheckpoint,
  type SaveOptions,
} from './trainer/checkpoint-manager.ts'
export type { CustomState, Json } from './trainer/custom-state.ts'
export { type Batch, DataHandler } from './trainer/data-handler.ts'
export { DataHandlerError, type DataHandlerOptions, type SplitOptions } from './trainer/data-options.ts'
export { Evaluation, type EvaluationOptions, type EvaluationResult } from './trainer/evaluation.ts'
export type { CaptionBatch, EvaluationData, PictureBatch } from './trainer/evaluation-data.ts'
export { ForkError } from './trainer/fork/fork-error.ts'
export { type ForkOptions, forkRun } from './trainer/fork/fork-run.ts'
export type { ChangeSettings } from './trainer/fork/fork-settings.ts'
export { LayerObserver } from './trainer/layer-observer.ts'
export { type LoadedModel, loadModel } from './trainer/load-model.ts'
export { loadPretrained, PretrainedMismatchError, type PretrainedReport } from './trainer/load-pretrained.ts'
export { MultimodalTrainer } from './trainer/multimodal-trainer.ts'
export type { PartFactories } from './trainer/part-factories.ts'
export { checkpointAt, type RemadeCheckpoint } from './trainer/re-execution/checkpoint-at.ts'
export type { ComparedFacts, ReexecutedDifference } from './trainer/re-execution/comparison.ts'
export { ReexecutionError } from './trainer/re-execution/re-execution-error.ts'
export type { ReexecutionOptions, ReexecutionProgress } from './trainer/re-execution/re-execution-options.ts'
export { type ReexecutionReport, reexecute } from './trainer/re-execution/reexecute.ts'
export {
  type DefinitionContext,
  defineRun,
  type RunDefinition,
  type TrainerDefinition,
} from './trainer/run-definition.ts'
export { InvalidSettingsError, type RunSettings, type RunSettingsInput } from './trainer/run-settings.ts'
export type { EvaluationSplit, PrepareOptions, Split, TrainingSplit } from './trainer/split.ts'
export { type EvaluatedModel, EvaluationError, encodeSplit, type SplitFeatures } from './trainer/split-features.ts'
export { StreamingDataHandler, type StreamingDataHandlerOptions } from './trainer/streaming-data-handler.ts'
export {
  CommandRefusedError,
  EnvironmentChangedError,
  HandedInError,
  NotReadyError,
  ResumeError,
} from './trainer/trainer-errors.ts'
export type { ProfileOptions, TrainerOptions } from './trainer/trainer-options.ts'
export {
  DivergedError,
  type LoopProgress,
  type StepObserver,
  type TrainingBatches,
  TrainingLoop,
  TrainingLoopError,
  type TrainingLoopOptions,
} from './trainer/training-loop.ts'
export type { RunCheck } from './verification/run-check.ts'
export { verifyRun } from './verification/verify-run.ts'
