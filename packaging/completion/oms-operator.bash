# Completion of oms-operator and kubectl-oms for bash.
_oms_operator() {
    local home='--state-dir --kubeconfig --context --namespace -n' all='--log-level --log-format --help -h'
    local verbs='upgrade run plan status rollback approve pause resume logs report' verb= word options
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " == *" $word "* ]] && verb=$word && break
    done
    case $previous in
        -f | --file | --kubeconfig)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        --state-dir | --backup-dir)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return ;;
        -o | --output | --log-format) options='text json' ;;
        --log-level) options='debug info warn error off' ;;
        --log-level-file)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        --context | -n | --namespace | -l | --selector | --lease-namespace | --lease-name | --leader-election-lease-duration | --leader-election-renew-deadline | --leader-election-retry-period | --health-address | --metrics-address | --workers | --upgrades-at-once | --tail) return ;;
        *)
            case $verb in
                '') options="$verbs --version $all" ;;
                upgrade) options="--file -f --state-dir --retry --output -o $all" ;;
                run) options="--kubeconfig --context --namespace -n --backup-dir --selector -l --leader-elect --lease-namespace --lease-name
                              --leader-election-lease-duration --leader-election-renew-deadline --leader-election-retry-period
                              --health-address --metrics-address --workers --upgrades-at-once --log-level-file $all" ;;
                plan) options="--file -f $home $all" ;;
                status) options="$home --output -o --watch -w $all" ;;
                rollback) options="--file -f $home --output -o $all" ;;
                logs) options="--file -f --tail $home $all" ;;
                approve | pause | resume | report) options="$home $all" ;;
            esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
}
complete -F _oms_operator oms-operator kubectl-oms
