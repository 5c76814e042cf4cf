using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
/// <param name="LearningRate">Step size; may be changed before each step.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">λ of the decoupled decay.</param>
public sealed record AdamWOptions(
    double LearningRate = 1e-3,
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Epsilon = 1e-8,
    double WeightDecay = 0.01);

/// <summary>Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019, algorithm 2). A parameter without a
/// gradient
/// is left alone, decay included, and its step count stands still: pruned branches stay as they are.</summary>
public sealed class AdamW : IDisposable
{
    private readonly AdamWOptions _options;
    private readonly (string Name, Tensor Value)[] _parameters;
    private readonly Dictionary<string, Moments> _state = [];

    /// <summary>Optimises named parameters; the names are those of the saved state.</summary>
    public AdamW(IEnumerable<(string Name, Tensor Value)> parameters, AdamWOptions options)
    {
        if (options is not
            { LearningRate: >= 0, Beta1: >= 0 and < 1, Beta2: >= 0 and < 1, Epsilon: > 0, WeightDecay: >= 0 })
            throw new ArgumentException(
                $"AdamW needs rates and decay at or above 0, betas in [0, 1) and epsilon above 0, but got {options}.");
        _options = options;
        _parameters = [.. parameters];
        LearningRate = options.LearningRate;
    }

    /// <summary>Step size of the next step.</summary>
    public double LearningRate { get; set; }

    /// <summary>The parameters, for clipping.</summary>
    public IEnumerable<Tensor> Parameters => _parameters.Select(parameter => parameter.Value);

    /// <summary>Optimises the trainable parameters of a module.</summary>
    public static AdamW For(nn.Module module, AdamWOptions options) => new(
        module.named_parameters()
            .Where(named => named.parameter.requires_grad)
            .Select(named => (named.name, (Tensor)named.parameter)),
        options);

    /// <summary>One step in place from the gradients that are there.</summary>
    public void Step()
    {
        using var noGrad = no_grad();
        foreach (var (name, value) in _parameters)
        {
            using var scope = NewDisposeScope();
            if (value.grad is { } gradient)
                Update(value, gradient, StateOf(name, value));
        }
    }

    /// <summary>Forgets the gradients, so that parameters outside the next graph are skipped.</summary>
    public void ClearGradients()
    {
        foreach (var (_, value) in _parameters)
            value.grad = null;
    }

    /// <summary>Copies of the moments as named tensors, for a safetensors file; the caller disposes them.</summary>
    public Dictionary<string, Tensor> Export()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, moments) in _state)
        {
            tensors[$"{name}.exp_avg"] = moments.First.clone();
            tensors[$"{name}.exp_avg_sq"] = moments.Second.clone();
            tensors[$"{name}.step"] = tensor([moments.Step], int64);
        }

        return tensors;
    }

    /// <summary>Takes over exported moments; parameters that are not named start fresh.</summary>
    /// <exception cref="InvalidDataException">a moment is missing or has the wrong shape.</exception>
    public void Import(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var noGrad = no_grad();
        Dispose();
        foreach (var (name, value) in _parameters)
        {
            if (!tensors.TryGetValue($"{name}.step", out var step))
                continue;
            var state = StateOf(name, value);
            state.First.copy_(Saved(tensors, $"{name}.exp_avg", value));
            state.Second.copy_(Saved(tensors, $"{name}.exp_avg_sq", value));
            using var count = step.cpu();
            state.Step = count.data<long>()[0];
        }
    }

    /// <summary>Releases the moments.</summary>
    public void Dispose()
    {
        foreach (var moments in _state.Values)
        {
            moments.First.Dispose();
            moments.Second.Dispose();
        }

        _state.Clear();
    }

    private static Tensor Saved(IReadOnlyDictionary<string, Tensor> tensors, string name, Tensor like) =>
        tensors.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(like.shape)
            ? saved
            : throw new InvalidDataException(
                $"optimizer state {name} is missing or is not [{string.Join(", ", like.shape)}]; "
                + "resume from a checkpoint of the same model.");

    private void Update(Tensor p, Tensor g, Moments moments)
    {
        moments.Step++;
        var (m, v) = (moments.First, moments.Second);
        p.mul_(1 - (LearningRate * _options.WeightDecay));
        m.mul_(_options.Beta1).add_(g, 1 - _options.Beta1);
        v.mul_(_options.Beta2).addcmul_(g, g, 1 - _options.Beta2);
        var unbias1 = 1 - Math.Pow(_options.Beta1, moments.Step);
        var unbias2 = 1 - Math.Pow(_options.Beta2, moments.Step);
        var denominator = v.sqrt().div_(Math.Sqrt(unbias2)).add_(_options.Epsilon);
        p.addcdiv_(m, denominator, -LearningRate / unbias1);
    }

    private Moments StateOf(string name, Tensor value)
    {
        if (!_state.TryGetValue(name, out var moments))
            _state[name] = moments = new Moments(
                zeros_like(value).DetachFromDisposeScope(), zeros_like(value).DetachFromDisposeScope());
        return moments;
    }

    private sealed class Moments(Tensor first, Tensor second)
    {
        public Tensor First => first;

        public Tensor Second => second;

        public long Step { get; set; }
    }
}
