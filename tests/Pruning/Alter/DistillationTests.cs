using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Alter;

public sealed class DistillationTests
{
    [Fact]
    public void A_student_equal_to_its_teacher_pays_only_the_denoising_term()
    {
        using var scope = NewDisposeScope();
        var same = new Prediction(ones(2, 3, 4, 4), [ones(2, 8, 2, 2)]);

        var loss = new Distillation(0.5).Loss(same, same, zeros(2, 3, 4, 4));

        Assert.Equal(0.5, loss.item<float>(), 1e-6);
    }

    [Fact]
    public void Feature_errors_average_over_blocks()
    {
        using var scope = NewDisposeScope();
        var output = zeros(1, 1, 2, 2);
        var student = new Prediction(output, [zeros(1, 2, 2, 2), zeros(1, 2, 2, 2)]);
        var teacher = new Prediction(output, [ones(1, 2, 2, 2), ones(1, 2, 2, 2) * 3]);

        var loss = new Distillation(0, 0).Loss(student, teacher, output);

        Assert.Equal((1 + 9) / 2.0, loss.item<float>(), 1e-5);
    }

    [Fact]
    public void The_middle_map_may_stand_for_all()
    {
        using var scope = NewDisposeScope();
        var output = zeros(1, 1, 2, 2);
        var student = new Prediction(output, [.. Enumerable.Range(0, 5).Select(_ => zeros(1, 2, 2, 2))]);
        var teacher = new Prediction(output, [.. Enumerable.Range(0, 5).Select(map => full([1, 2, 2, 2], map))]);

        var loss = new Distillation(0, 0, MiddleFeature: true).Loss(student, teacher, output);

        Assert.Equal(4, loss.item<float>(), 1e-5);
    }

    [Fact]
    public void Relative_feature_errors_do_not_depend_on_the_size_of_a_block()
    {
        using var scope = NewDisposeScope();
        var output = zeros(1, 1, 2, 2);
        var student = new Prediction(output, [zeros(1, 2, 2, 2), zeros(1, 2, 2, 2)]);
        var teacher = new Prediction(output, [ones(1, 2, 2, 2), ones(1, 2, 2, 2) * 3]);

        var loss = new Distillation(0, 0, 1, true).Loss(student, teacher, output);

        Assert.Equal(1, loss.item<float>(), 1e-5);
    }

    [Fact]
    public void Unequal_blocks_are_refused_with_a_way_out()
    {
        using var scope = NewDisposeScope();
        var output = zeros(1, 1, 2, 2);

        var error = Assert.Throws<InvalidDataException>(() => new Distillation().Loss(
            new Prediction(output, [output]), new Prediction(output, [output, output]), output));

        Assert.Contains("feature-weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_of_unlike_width_are_left_out()
    {
        using var scope = NewDisposeScope();
        var output = zeros(1, 1, 2, 2);
        var student = new Prediction(output, [zeros(1, 2, 2, 2), zeros(1, 2, 2, 2)]);
        var teacher = new Prediction(output, [ones(1, 4, 2, 2), ones(1, 2, 2, 2) * 3]);

        var loss = new Distillation(0, 0).Loss(student, teacher, output);

        Assert.Equal(9, loss.item<float>(), 1e-5);
    }
}
