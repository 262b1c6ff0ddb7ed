// Package study answers the questions of a study of training-free signals: how
// well does a signal predict trained accuracy, what does it cost, what does it
// find, what does it add to what one knows anyway, what is left when a space is
// reduced by it. One function a question, on the tables of package truth, with
// the number of observations and 95 % intervals in every answer; an answer is a
// value with methods that give its table, its figure and its record.
//
// To rank networks of one's own:
//
//   - [Rank] by a kernel of images, [RankNoise] by signals of noise, [RankNetworks] for
//     networks of no search space; [MixSignals], [NoiseMix] and [NetworkMix] are what
//     they mix
//   - [ScoreNetwork] and [ScorePairs] compute the pair of [Recommended] alone;
//     [MeasureCell] measures noise, and places a cell among those of a table
//
// On tables of trained accuracies:
//
//   - how well does a signal predict: [Compare], [CompareAll], [DifferAll],
//     [MeasureSignals], [TauWithin] in groups of rows
//   - what does it cost: [CompareCosts], [ChooseCosts], [ScoreCurve], [TrainingCurve]
//   - what does it add: [PartialAll], [MixAll], [AddedTo], [PredictFew] with a few
//     accuracies
//   - what does a search find with it: [ReplaySearches]
//   - what is left of a reduced space: [KeptAt], [MeanAt]
//   - mixtures of signals measured with several seeds: [NewSeeded], [OpenSignals],
//     [NoiseRecipes], [PublishedRecipes]
//
// On the estimator:
//
//   - [EpsilonCurves] and [MemberCurves] of one network; [Epsilons], [Agreement],
//     [ErrorByDraw], [ErrorLaw], [NormTaus] of many
//   - of kernels, settings and widths: [ChooseViews], [MeasureSettings], [WidthTaus],
//     [WidthAgreement], [FeatureFigure]
//
// Of a whole space: [OpenWholeSpace].
package study
