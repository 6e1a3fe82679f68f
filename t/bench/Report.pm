package Report;

# What a benchmark found: tables as it goes, and all of it as one text, with
# the machine, the commands, what was aimed at and who was better.
#
#   my $report = Report->new($dir, $build);
#   $report->table('verify', $title, \%all, \@names, ['CPU ms', 'cpu_ms', '%.3f'], ...);
#   $report->growth('octets', $title, \@names, \@points, \%cells);
#   $report->ran($contender, @command); print $report->text($seconds);
#
# A column is a label, a key of a round's results, a format; then, for a
# ratio, to whom; then "more" where more is better.
use strict;
use warnings;
use Assay::Dir qw(slurp);
use Assay::Fetched qw(prefix with_libraries);

# [work, column, at most or at least, how much, what it is]
my @targets = (
    ['verify', 'cpu_ms null', 'most', 2.2, 'verify: CPU a message, x null'],
    ['ttl0', 'cpu_ms null', 'most', 3, 'verify, every TTL 0: CPU a message, x null'],
    ['sign', 'sign_x', 'most', 1.3, 'sign: CPU a message, x (null + signature)'],
    ['verify', 'rate chain', 'least', 4.5, 'verify: messages a second, x the chain'],
    ['verify', 'p50_ms null', 'most', 1.6, 'verify: p50 from the last dot, x null'],
    ['slow', 'trips50', 'most', 1.05, 'DNS 50 ms away: p50 in round trips (the records force 1)'],
    ['slow', 'trips95', 'most', 1.3, 'DNS 50 ms away: p95 in round trips'],
    ['tcp', 'p50_ms', 'most', 1, 'TCP: p50 ms from the last dot'],
    ['memory', 'idle', 'most', 8, 'memory idle, MB'],
    ['memory', 'after', 'most', 14, 'memory after 20 000 messages, MB'],
    ['memory', 'peak', 'most', 25, 'memory at 64 connections, peak MB'],
    ['idle', 'added null', 'most', 1.1, '1 000 idle connections: CPU they add to a message, x null'],
);

sub new {
    my ($class, $dir, $build) = @_;
    return bless { dir => $dir, build => $build, text => '', load => [load()] }, $class;
}

sub median {
    my @v = sort { $a <=> $b } grep { defined } @_;
    return $v[@v / 2];
}

sub load { return (slurp('/proc/loadavg') =~ /^(\S+)/)[0] }

sub say {
    my ($self, $text) = @_;
    print $text;
    $self->{text} .= $text;
    return;
}

# The median of a column, the least and the most.
sub cell {
    my ($all, $name, $column) = @_;
    my (undef, $key, undef, $other) = @$column;
    my @v;
    for my $round (0 .. $#{ $all->{$name} }) {
        my $value = $all->{$name}[$round]{$key};
        my $base = defined $other ? $all->{$other} && $all->{$other}[$round]{$key} : 1;
        push @v, $value / $base if defined $value && $base;
    }
    return if !@v;
    my @sorted = sort { $a <=> $b } @v;
    return (median(@v), $sorted[0], $sorted[-1]);
}

sub table {
    my ($self, $work, $title, $all, $names, @columns) = @_;
    my $n = @{ $all->{ $names->[0] } };
    my $text = "\n### $title\n\n| | " . join(' | ', map { $_->[0] } @columns) . " |\n|---" . '|---' x @columns . "|\n";
    for my $name (@$names) {
        my @cells;
        for my $column (@columns) {
            my ($middle, $low, $high) = cell($all, $name, $column);
            my $format = $column->[2];
            push @cells, !defined $middle ? '' : sprintf($format, $middle)
                . ($n > 1 && $name eq 'assayd' ? sprintf " ($format to $format)", $low, $high : '');
            my $key = join ' ', grep { defined } @$column[1, 3];
            $self->{found}{$work}{$key}{$name} = $middle;
        }
        $text .= "| $name | " . join(' | ', @cells) . " |\n";
    }
    for my $column (grep { !defined $_->[3] } @columns) {
        $self->compare($work, $title, $column, $names);
    }
    return $self->say($text);
}

# Notes where another than the null milter, which does nothing, was better.
sub compare {
    my ($self, $work, $title, $column, $names) = @_;
    my ($label, $key, $format, undef, $more) = @$column;
    my $found = $self->{found}{$work}{$key};
    my $own = $found->{assayd};
    for my $name (grep { !/^(?:null|assayd)$/ } @$names) {
        my $theirs = $found->{$name};
        next if !defined $own || !defined $theirs || ($more ? $theirs <= $own : $theirs >= $own);
        push @{ $self->{better} }, sprintf "%s, %s: %s $format, assayd $format", $title =~ s/:.*//r, $label, $name, $theirs, $own;
    }
    return;
}

sub growth {
    my ($self, $work, $title, $names, $points, $cells) = @_;
    my $text = "\n### $title: CPU ms a message\n\n| | " . join(' | ', @$points) . " |\n|---" . '|---' x @$points . "|\n";
    for my $name (@$names) {
        $text .= "| $name | " . join(' | ', map { sprintf '%.3f', $cells->{$name}{$_} } @$points) . " |\n";
    }
    for my $point (@$points) {
        $self->{found}{$work}{$point} = { map { $_ => $cells->{$_}{$point} } @$names };
        $self->compare($work, $title, ["at $point, CPU ms", $point, '%.3f'], $names);
    }
    return $self->say("$text\n![$title]($work.svg)\n");
}

# --- the whole ----------------------------------------------------------------

# Paths of this machine are nobody else's.
sub plain {
    my ($self, $text) = @_;
    my $prefix = prefix();
    $text =~ s{\Q$self->{dir}\E/?}{DIR/}g;
    $text =~ s{\Q$prefix\E}{FETCHED}g;
    $text =~ s{\Q$self->{build}\E/?}{}g;
    $text =~ s{-p \d+ ?}{}g;
    $text =~ s{(DIR/[a-z]+)-\d+}{$1}g;
    return $text;
}

sub ran {
    my ($self, $contender, @command) = @_;
    for my $line ($contender->commands, "@command") {
        my $plain = $self->plain($line);
        $plain =~ s/ --var \S+//g;
        $plain =~ s{(/drive -s )DIR/[a-z]+/(?!.* -s )}{$1DIR/NAME/};
        push @{ $self->{commands} }, $plain if !$self->{seen}{$plain}++;
    }
    return;
}

sub first_line {
    my (@command) = @_;
    my ($line) = qx(@command 2>&1) =~ /^\s*(\S.*?)\s*$/m;
    return $line // '';
}

sub machine {
    my ($self) = @_;
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my $n = () = slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
    my ($kb) = slurp('/proc/meminfo') =~ /^MemTotal:\s*(\d+)/m;
    my @versions = map { s{.*/}{}r =~ s/_[^_]*$//r =~ s/_/ /r =~ s/%3a/:/r }
        map { glob prefix() . "/debs/$_\_*.deb" } qw(opendkim opendmarc rspamd knot);
    return sprintf "%s, %d CPUs, %.1f GB, Linux %s; %s; %s; others: %s.\n", $cpu // 'unknown', $n, $kb / 1e6,
        first_line('uname', '-r'), first_line('openssl', 'version'), first_line('cc', '--version'),
        join ', ', @versions;
}

sub verdicts {
    my ($self) = @_;
    my $text = "| | aimed at | found | |\n|---|---|---|---|\n";
    for my $target (@targets) {
        my ($work, $key, $which, $bound, $what) = @$target;
        my $found = $self->{found}{$work}{$key}{assayd};
        next if !defined $found;
        my $met = $which eq 'most' ? $found <= $bound : $found >= $bound;
        $text .= sprintf "| %s | at %s %s | %.2f | %s |\n", $what, $which, $bound, $found, $met ? 'met' : '**missed**';
    }
    return $text;
}

sub text {
    my ($self, $seconds) = @_;
    my @better = @{ $self->{better} // [] };
    my $load = load();
    return "# What a message costs\n\n"
        . "Written by `make bench-results FETCHED=DIR` (t/bench/README says how it measures); do not edit.\n\n"
        . $self->machine
        . "The load average was $self->{load}[0] when it began and $load after $seconds seconds; much more than the\n"
        . "benchmark's own 1 to 4 means that others were at work, and that the figures are too large.\n"
        . "A figure is the median of the rounds; assayd's least and most stand in parentheses.\n\n"
        . "## What was aimed at\n\n" . $self->verdicts
        . "\n## Where another is better than assayd\n\n"
        . (@better ? join '', map { "- $_\n" } @better : "Nowhere in what was measured.\n")
        . "\n## What was measured\n" . $self->{text}
        . "\n## Commands\n\nDIR holds the corpus, sockets and configurations as Contenders.pm and Corpus.pm write them;\n"
        . "FETCHED is where contrib/fetch --bench unpacked the others.\n\n"
        . join '', map { "    $_\n" } @{ $self->{commands} // [] };
}

1;
