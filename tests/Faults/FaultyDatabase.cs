using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Mlops.Faults;

/// <summary>Fault injection: transactions that do not commit, and ones that do although it looks as if not.</summary>
internal sealed class FaultyDatabase(FaultPlan plan) : DbTransactionInterceptor
{
    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
        CancellationToken cancellationToken = default)
    {
        await plan.AroundAsync("commit", () => transaction.CommitAsync(cancellationToken));
        return InterceptionResult.Suppress();
    }
}
