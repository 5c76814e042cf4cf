namespace Mlops.Evaluation.Report;

/// <summary>The pictures of a report; latents have none.</summary>
/// <param name="Pairs">PNG of equal-noise pairs, one column each: dense, pruned, difference; empty for none.</param>
/// <param name="Slider">The same pictures, to be held against each other; null for none.</param>
/// <param name="Data">PNG of held-out images; empty for none.</param>
public sealed record ReportPictures(byte[] Pairs, PairSlider? Slider, byte[] Data);
