#!/usr/bin/perl
# The journal of a running assayd over many of its files: what is kept stays
# within the bounds, has no gap and ends with the last message; also when it is
# killed amid all that, and when a reload draws the bounds anew.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use JSON::PP;
use Time::HiRes qw(sleep);
use Assay::Daemon;
use Assay::Dir qw(ports running slurp spawn stop wait_for);

my $CLIENTS = 4;
my $top = $ENV{top_builddir} // '.';
my $dir = Assay::Dir->new;
my %options = (user => '', log => 'stderr', key_dir => $dir->dir('keys', 0700), authserv_id => 'mx.test.example',
    nameservers => ['127.0.0.1@' . ports(1)], internal_networks => ['10.0.0.0/8'], journal_size => 1, journal_files => 25);
my $assayd = Assay::Daemon->new($dir, options => \%options);
my $where = "$assayd->{path}/journal";

sub files { return sort glob "$where/*.journal" }

# Octets of all of it; a file that has just gone has none.
sub size {
    my $sum = 0;
    $sum += -s $_ // 0 for files();
    return $sum;
}

# So many messages of each client, of one run; what the log keeps of them is
# looked at while they come. Returns the most files and octets there were.
sub load {
    my ($run, $messages, $enough) = @_;
    my $pid = spawn(log => $dir->path("load-$run"), command => ["$top/t/tools/mload", '-s',
        '127.0.0.1:' . $assayd->port, '-c', $CLIENTS, '-m', $messages, '-b', 0, '-o', 100, '-r', $run]);
    my ($files, $octets) = (0, 0);
    while (running($pid)) {
        my ($n, $o) = (scalar(() = files()), size());
        $files = $n if $n > $files;
        $octets = $o if $o > $octets;
        last if $enough && $enough->();
        sleep 0.02;
    }
    return ($files, $octets, $pid);
}

# "RUN.CLIENT.MESSAGE" of each whole record, oldest first.
sub kept {
    return map { /^\x1eA1 (\d+) [0-9a-f]{8} (.*)$/ && length $2 == $1 ? $2 =~ /\bmid=<([\d.]+)\@load/ : () }
        map { split /\n/, slurp($_) } files();
}

# Of each client of a run: from what it has kept on, all there were, in order.
sub gaps {
    my ($run, $last) = @_;
    my (%next, @gaps);
    for (kept()) {
        my ($r, $client, $message) = split /\./;
        next if $r != $run;
        push @gaps, "client $client: $message for $next{$client}" if defined $next{$client} && $message != $next{$client};
        $next{$client} = $message + 1;
    }
    push @gaps, map { "client $_ ends with $next{$_}" } grep { $next{$_} != $last + 1 } keys %next if defined $last;
    push @gaps, 'nobody' unless %next;
    return @gaps;
}

# The rows of assay status; what assay log counts, and what it complains of.
sub status { return decode_json(($assayd->control('status', '--json'))[1])->{journal} }

sub counted {
    my $out = `$top/assay log --json --journal -c $assayd->{path}/assay.conf 2>$dir->{path}/complaints`;
    return $? ? {} : decode_json($out);
}
sub complaints { return slurp($dir->path('complaints')) }

sub settled { return wait_for(sub { !status()->{waiting} }, 10) }

# --- many files ------------------------------------------------------------------

my $EACH = 1500;
my ($files, $octets, $pid) = load(1, $EACH);
like slurp($dir->path('load-1')), qr/answered=@{[ $CLIENTS * $EACH ]} .*failed=0/, 'all mail is answered';
ok settled(), 'all records are written';
my $told = status();
is "$told->{state} $told->{written} $told->{dropped}", 'writing ' . $CLIENTS * $EACH . ' 0', '... and none is dropped';
cmp_ok $told->{files_removed}, '>', 15, '... over many files';
is $told->{files_begun} - $told->{files_removed}, scalar(() = files()), '... of which those are left that should be';
cmp_ok $files, '<=', 25, '... at no time too many';
cmp_ok $octets, '<=', 1_000_000, '... nor too large';
cmp_ok size(), '>', 1_000_000 - 2 * 40_000, '... and no more went than had to';
is_deeply [gaps(1, $EACH - 1)], [], 'what is kept has no gap, and ends with the last message';
my @kept = kept();
is counted()->{outbound}, scalar @kept, 'assay log reads all of it';
is complaints(), '', '... and nothing is damaged';
my @numbers = map { m{/0*(\d+)\.journal$} } files();
is_deeply \@numbers, [$numbers[0] .. $numbers[0] + $#numbers], 'numbers ascend by one';
is_deeply [grep { -s $_ > 40_000 } files()], [], 'no file is larger than its share';

# --- killed in the middle --------------------------------------------------------

my $before = (files())[-1];
(undef, undef, $pid) = load(2, 5 * $EACH, sub { my @f = files(); @f && $f[-1] gt $before && @f > 5 });
my $reading = counted();
cmp_ok $reading->{outbound} // 0, '>', 0, 'it can be read while it is written';
is complaints(), '', '... and what is not yet whole is no damage';
ok running($pid), '... as it still is';
$assayd->kill_daemon;
stop($pid, 0, 10);
cmp_ok scalar(() = kept()), '>', 1000, 'killed amid its files';
is_deeply [gaps(2)], [], '... no record is missing before the last';
cmp_ok size(), '<=', 1_000_000, '... nor is there too much';
$assayd->start;
($files, $octets) = load(3, 50);
ok settled(), 'the next one goes on';
is_deeply [gaps(3, 49)], [], '... with all that comes';
is_deeply [gaps(2)], [], '... behind what was there';
cmp_ok $octets, '<=', 1_000_000, '... within the bounds';
is counted()->{outbound}, scalar(() = kept()), '... and assay log reads all';

# --- other bounds ----------------------------------------------------------------

my $kept = () = kept();
$assayd->configure(%options, journal_size => 2, journal_files => 50);
my ($rc, $out) = $assayd->control('reload');
is $rc, 0, 'a reload gives it more room' or diag $out;
load(4, 500);
ok settled(), '... at once';
cmp_ok size(), '>', 1_000_000, '... which it takes';
cmp_ok scalar(() = kept()), '>=', $kept + 500 * $CLIENTS, '... and nothing goes';
$assayd->configure(%options, journal_files => 4);
is +($assayd->control('reload'))[0], 0, 'another takes most of it';
load(5, 1);
ok settled(), '... which holds from the next record on';
cmp_ok scalar(() = files()), '<=', 4, '... for the number of files';
is scalar(grep { /^5\./ } kept()), $CLIENTS, '... and costs nothing new';
unlike $assayd->log, qr/reload_partial|journal_stopped/, 'no restart is asked for, and nothing went wrong';
is $assayd->stop_daemon, 0, 'it ends well' or diag $assayd->log;
is counted()->{outbound}, scalar(() = kept()), 'all can be read at the end';
done_testing;
