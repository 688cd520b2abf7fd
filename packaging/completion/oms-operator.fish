# Completion of oms-operator and kubectl-oms for fish.
for program in oms-operator kubectl-oms
    set -l none __fish_use_subcommand
    set -l home plan status rollback approve pause resume logs report
    complete -c $program -f
    complete -c $program -l log-level -x -a 'debug info warn error off' -d 'Lines of the log'
    complete -c $program -l log-format -x -a 'text json' -d 'Form of the log'
    complete -c $program -s h -l help -d 'Say what there is'
    complete -c $program -n $none -l version -d 'Say the version'

    complete -c $program -n $none -a upgrade -d 'Carry out the upgrade of a manifest, on this machine'
    complete -c $program -n $none -a run -d 'Watch OMSUpgrades of a cluster and carry them out'
    complete -c $program -n $none -a plan -d 'Say everything an upgrade would do; touch nothing'
    complete -c $program -n $none -a status -d 'Show how upgrades stand'
    complete -c $program -n $none -a rollback -d 'Go back to what was there before an upgrade'
    complete -c $program -n $none -a approve -d 'Let an upgrade go on that waits for approval'
    complete -c $program -n $none -a pause -d 'Have an upgrade stop at the next safe point'
    complete -c $program -n $none -a resume -d 'Let a paused upgrade go on'
    complete -c $program -n $none -a logs -d 'Print what the scripts of OMS printed'
    complete -c $program -n $none -a report -d 'Write an upgrade as one page of HTML'

    set -l has "__fish_seen_subcommand_from"
    complete -c $program -n "$has upgrade plan rollback logs" -s f -l file -r -F -d 'One OMSUpgrade, and its Secrets'
    complete -c $program -n "$has upgrade $home" -l state-dir -x -a '(__fish_complete_directories)' -d 'Folder of its state'
    complete -c $program -n "$has upgrade" -l retry -d 'Try again a run that failed or was rolled back'
    complete -c $program -n "$has upgrade status rollback" -s o -l output -x -a 'text json' -d 'Form of what is told'
    complete -c $program -n "$has run $home" -l kubeconfig -r -F -d 'Speak to the cluster of this kubeconfig'
    complete -c $program -n "$has run $home" -l context -x -d 'Context of the kubeconfig'
    complete -c $program -n "$has run $home" -s n -l namespace -x -d 'Namespace of the OMSUpgrade'
    complete -c $program -n "$has status" -s w -l watch -d 'Show one until it has ended'
    complete -c $program -n "$has logs" -l tail -x -d 'Only so many last lines of each'
    complete -c $program -n "$has run" -l log-level-file -r -F -d 'File that holds a --log-level'
    complete -c $program -n "$has run" -l backup-dir -x -a '(__fish_complete_directories)' -d 'Folder for the backups'
    complete -c $program -n "$has run" -l leader-elect -d 'Stand by while another replica leads'
    complete -c $program -n "$has run" -s l -l selector -x -d 'Work on those with these labels only'
    complete -c $program -n "$has run" -l lease-namespace -x -d 'Where the Lease is'
    complete -c $program -n "$has run" -l lease-name -x -d 'Name of the Lease'
    complete -c $program -n "$has run" -l leader-election-lease-duration -x -d 'After which a leader is taken over from'
    complete -c $program -n "$has run" -l leader-election-renew-deadline -x -d 'After which a leader gives up'
    complete -c $program -n "$has run" -l leader-election-retry-period -x -d 'Between two tries'
    complete -c $program -n "$has run" -l health-address -x -d 'For /healthz and /readyz'
    complete -c $program -n "$has run" -l metrics-address -x -d 'For /metrics'
    complete -c $program -n "$has run" -l workers -x -d 'Threads that take changes in'
    complete -c $program -n "$has run" -l upgrades-at-once -x -d 'Upgrades that are worked on at once'
end
