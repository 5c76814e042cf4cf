namespace Mlops.CoFinetuning;

/// <summary>Which parts of the one training loop are on.</summary>
public enum TrainingMode
{
    /// <summary>The built-in model from random weights; denoising loss only.</summary>
    Dense,

    /// <summary>A pruned student learns from its dense teacher.</summary>
    Distil,

    /// <summary>ALTER: hypernetwork and backbone together, then a frozen table of masks.</summary>
    Alter,

    /// <summary>EntPruner: layers go in phases while the backbone is fine-tuned.</summary>
    Progressive,
}

/// <summary>The built-in models.</summary>
public enum Architecture
{
    /// <summary>A convolutional network.</summary>
    Unet,

    /// <summary>A transformer over patches; it needs data with classes.</summary>
    Dit,
}
