using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>How the dense sample answers to a small push at any boundary between two steps: λ_s = d(u·x_S)/dx_s for
/// random signs u, from one backward sweep along the trajectory. A multistep method also answers to pushes of the
/// outputs and states that it still remembers.</summary>
public sealed class StateAdjoint : IDisposable
{
    private readonly Boundary?[] _boundaries;

    private StateAdjoint(int steps) => _boundaries = new Boundary?[steps + 1];

    /// <summary>Adjoints of the state before step <c>boundary</c> and of what the method remembers there.</summary>
    /// <param name="State">λ [U, P, C, H, W].</param>
    /// <param name="Outputs">The same for the outputs of the steps before, nearest first.</param>
    /// <param name="States">The same for their states.</param>
    private sealed record Boundary(Tensor State, IReadOnlyList<Tensor> Outputs, IReadOnlyList<Tensor> States);

    /// <summary>Sweeps once; costs 3·signs evaluations per probe and step, a pass back counted as two.</summary>
    /// <param name="problem">The network.</param>
    /// <param name="dense">The trajectory.</param>
    /// <param name="signs">U.</param>
    /// <param name="seed">Of the signs.</param>
    /// <param name="cancellationToken">Checked before every step.</param>
    public static StateAdjoint Compute(
        StepProblem problem, Trajectory dense, int signs, long seed, CancellationToken cancellationToken)
    {
        var adjoint = new StateAdjoint(problem.Steps);
        adjoint._boundaries[^1] = new Boundary(Signs(dense.States[^1], signs, seed), [], []);
        for (var step = problem.Steps - 1; step > 0; step--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            adjoint._boundaries[step] = Before(problem, dense, step, adjoint._boundaries[step + 1]!);
        }

        return adjoint;
    }

    /// <summary>First-order change of u·x_S, squared and averaged over probes and signs, for sets of pushes.</summary>
    /// <param name="boundary">The step that would be taken next.</param>
    /// <param name="state">Change of the state [V·P, C, H, W].</param>
    /// <param name="outputs">Change of the outputs before, nearest first; may be fewer than are remembered.</param>
    /// <param name="states">Change of their states.</param>
    /// <returns>V numbers.</returns>
    public double[] Damage(int boundary, Tensor state, IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> states)
    {
        using var scope = NewDisposeScope();
        var at = _boundaries[boundary]!;
        var change = Along(at.State, state);
        foreach (var (adjoint, push) in at.Outputs.Zip(outputs).Concat(at.States.Zip(states)))
            change = change + Along(adjoint, push);
        return change.to(float64).square().mean([0L, 2L]).Doubles();     // [U, V, P] -> [V]
    }

    public void Dispose()
    {
        foreach (var boundary in _boundaries.OfType<Boundary>())
            foreach (var tensor in boundary.Outputs.Concat(boundary.States).Prepend(boundary.State))
                tensor.Dispose();
    }

    // One pass forward and back per sign, so that memory does not grow with them.
    private static Boundary Before(StepProblem problem, Trajectory dense, int step, Boundary after)
    {
        using var scope = NewDisposeScope();
        var perSign = Enumerable.Range(0, (int)after.State.shape[0])
            .Select(sign => Pulled(problem, dense, step, after, sign)).ToArray();
        Tensor[] all = [.. Enumerable.Range(0, perSign[0].Length).Select(
            leaf => stack(perSign.Select(leaves => leaves[leaf]), 0))];
        var (outputs, states) = (new List<Tensor>(), new List<Tensor>());
        for (var back = 0; 1 + (2 * back) < all.Length; back++)
        {
            // What the later steps still remember of this one counts, too.
            var later = back + 1 < after.Outputs.Count;
            outputs.Add(Keep(later ? all[1 + (2 * back)] + after.Outputs[back + 1] : all[1 + (2 * back)]));
            states.Add(Keep(later ? all[2 + (2 * back)] + after.States[back + 1] : all[2 + (2 * back)]));
        }

        return new Boundary(Keep(all[0]), outputs, states);
    }

    // Gradients of the state, and of output and state of every earlier step that the method remembers.
    private static Tensor[] Pulled(StepProblem problem, Trajectory dense, int step, Boundary after, int sign)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var state = Leaf(dense.States[step]);
        var earlier = dense.Earlier(step).Select(pair => (Output: Leaf(pair.Output), State: Leaf(pair.State)))
            .ToArray();
        dense.RestartAt(step, earlier);
        var output = dense.Network(step, state);
        var next = dense.Advance(step, output, state);
        var goal = (next * after.State[sign]).sum();
        if (after.Outputs.Count > 0)
            goal = goal + (output * after.Outputs[0][sign]).sum() + (state * after.States[0][sign]).sum();
        goal.backward();
        Tensor[] leaves = [state, .. earlier.Reverse().SelectMany(pair => new[] { pair.Output, pair.State })];
        // Orders fall at the ends of a grid; then some of the memory is not looked at.
        return Array.ConvertAll(leaves, leaf => (leaf.grad?.detach() ?? zeros_like(leaf)).MoveToOuterDisposeScope());
    }

    private static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();

    private static Tensor Leaf(Tensor tensor) => tensor.detach().clone().requires_grad_(true);

    private static Tensor Signs(Tensor like, int signs, long seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seeds.Of(seed, "adjoint-signs"));
        var coins = rand([signs, .. like.shape], float32, CPU, generator: generator);
        return ((coins < 0.5).to(float32) * 2 - 1).to(like.device).DetachFromDisposeScope();
    }

    // Inner product over a sample of adjoints [U, P, …] with pushes [V·P, …]: [U, V, P].
    private static Tensor Along(Tensor adjoint, Tensor push)
    {
        using var scope = NewDisposeScope();
        var lambda = adjoint.flatten(2);                                                  // [U, P, D]
        var dx = push.reshape(-1, lambda.shape[1], lambda.shape[2]);                      // [V·P, …] -> [V, P, D]
        return stack(Enumerable.Range(0, (int)lambda.shape[0]).Select(sign => (dx * lambda[sign]).sum(2)), 0)
            .MoveToOuterDisposeScope();
    }
}
