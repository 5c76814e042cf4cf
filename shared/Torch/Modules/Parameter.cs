namespace TorchSharp.Modules;

/// <summary>A tensor that a module trains. It takes over the handle of the tensor it is made from.</summary>
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad).MoveHandle())
    {
    }
}
