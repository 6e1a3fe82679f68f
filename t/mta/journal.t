#!/usr/bin/perl
# The journal behind a real Postfix: one record for each message that got an
# answer, whatever the answer; a disk that is full; a sudden end.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use JSON::PP;
use Assay::Dir qw(wait_for slurp spew);
use Assay::Fetched qw(need);
use Assay::Postfix;
use Assay::SMTP;
use Assay::World qw(mail_text);

need(qw(postfix knotd));
my $world = Assay::World->new;
my $dir   = $world->dir;
my $tool  = ($ENV{top_builddir} // '.') . '/assay';
my $n     = 0;

# Its answer to a message by this client; each has a Message-ID of its own.
sub sent {
    my ($mta, $ip, $from, %o) = @_;
    my $c = Assay::SMTP->new($mta->port, helo => 'client.example',
        xclient => { ADDR => $ip, HELO => 'client.example', %{ $o{xclient} // {} } });
    return $c->deliver(from => $from, to => 'bob@test.example',
        data => mail_text(from => $from, id => ++$n, %o));
}

# What assay says, as JSON and as it returns.
sub asked {
    my ($assayd, @arguments) = @_;
    my $out = `$tool @arguments --json -c $assayd->{path}/assay.conf 2>/dev/null`;
    return (eval { decode_json($out) } // {}, $? >> 8);
}

sub records {
    my ($where) = @_;
    my @lines = map { split /\n/, slurp($_) } sort glob "$where/*.journal";
    return map { /^\x1eA1 (\d+) [0-9a-f]{8} (.*)$/ && length $2 == $1 ? $2 : () } @lines;
}

subtest 'each message that got an answer has one record' => sub {
    my $assayd = $world->assayd(enforce => 'reject', NAME => 'each');
    my $mta = Assay::Postfix->new($dir, name => 'pf-each', milters => [$assayd->postfix_socket]);
    my @answers = (
        sent($mta, '192.0.2.7', 'a@shop.example'),
        sent($mta, '198.51.100.66', 'a@shop.example'),
        sent($mta, '198.51.100.66', 'a@soft.example'),
        sent($mta, '203.0.113.1', 'a@plain.example', fields => ["X-Evil: \e[31m"], subject => "\e]0;x\a"),
        sent($mta, '127.0.0.1', 'a@shop.example'),
    );
    is join(' ', map { /^(\d+)/ } @answers), '250 550 250 250 250', 'answers of three kinds';
    my $where = "$assayd->{path}/journal";
    ok wait_for(sub { records($where) == $n }, 5), 'as many records as messages' or diag $assayd->log;
    my @records = records($where);
    for my $i (1 .. $n) {
        is scalar(grep { /\bmid=<$i\@test\.example>/ } @records), 1, "message $i: one record";
        my ($log) = $assayd->log =~ /^(.*verdict .*mid=<$i\@test\.example>.*)$/m;
        my ($qid) = $log =~ /(\w+): verdict/;
        my ($said, $status) = asked($assayd, 'why', $qid);
        is $status, 0, '... which assay why finds by the queue id';
        my ($action) = $log =~ /action=(\w+)/;
        is $said->{messages}[0]{fields}{action}, $action, "... and it was $action";
        is +(asked($assayd, 'why', "$i\@test.example"))[0]{messages}[0]{queue_id}, $qid, '... and by the Message-ID';
    }
    my ($told) = $answers[1] =~ /^550 (5\.7\.1 .*?)\r?$/m;
    my ($rejected) = grep { /action=reject/ } @records;
    like $rejected, qr/reply="550 \Q$told\E"/, 'a refusal is kept as the client got it';
    my ($all) = asked($assayd, 'log');
    is_deeply [@$all{qw(inbound outbound rejected quarantined)}], [4, 1, 1, 1], 'assay log counts them';
    is sprintf('%04o', (stat $where)[2] & 07777), '0700', 'nobody else may look into the directory';
    is sprintf('%04o', (stat $_)[2] & 07777), '0600', "nor into $_" for map { m{([^/]+)$}; "$where/$1" } glob "$where/*";
    is $assayd->stop_daemon, 0, 'ends well';
};

subtest 'a full disk costs no mail' => sub {
    my $where = $dir->dir('small');
    plan skip_all => 'no tmpfs may be mounted' if system "mount -t tmpfs -o size=64k,mode=0700 none $where";
    my $assayd = $world->assayd(journal_dir => $where, NAME => 'full');
    my $mta = Assay::Postfix->new($dir, name => 'pf-full', milters => [$assayd->postfix_socket]);
    my ($before, $fill) = ($n, "$where/fill");
    like sent($mta, '192.0.2.7', 'a@shop.example'), qr/^250/, 'accepted, with room';
    ok wait_for(sub { records($where) == 1 }, 5), '... and kept';
    open my $h, '>', $fill or die "$fill: $!";
    1 while syswrite $h, 'x' x 4096;
    close $h;
    like sent($mta, '192.0.2.7', 'a@shop.example'), qr/^250/, 'accepted, without room' for 1 .. 9;
    ok $assayd->wait_log(qr/journal_stopped why=".*No space left on device"/, 10), 'the log says so';
    is scalar(() = $assayd->log =~ /journal_stopped/g), 1, '... once';
    unlink $fill;
    ok $assayd->wait_log(qr/journal_resumed dropped=0/, 10), 'with room again: all that waited is written' or diag $assayd->log;
    wait_for(sub { records($where) == $n - $before }, 5);
    is join(' ', map { /mid=<(\d+)/ } records($where)), join(' ', $before + 1 .. $n), '... in order, each once';
    is $assayd->stop_daemon, 0, 'ends well';
    system "umount $where";
};

subtest 'killed in the middle' => sub {
    my $assayd = $world->assayd(NAME => 'killed');
    my $mta = Assay::Postfix->new($dir, name => 'pf-killed', milters => [$assayd->postfix_socket]);
    my ($where, $before) = ("$assayd->{path}/journal", $n);
    like sent($mta, '192.0.2.7', 'a@shop.example'), qr/^250/, 'accepted' for 1 .. 9;
    ok wait_for(sub { records($where) == 9 }, 5), 'kept a moment later';
    like sent($mta, '192.0.2.7', 'a@shop.example'), qr/^250/, 'accepted';
    $assayd->kill_daemon;
    my @kept = map { /mid=<(\d+)/ } records($where);
    cmp_ok scalar @kept, '>=', 9, 'no more than what had not been written is lost';
    is join(' ', @kept), join(' ', $before + 1 .. $before + @kept), '... and that is the last';
    # What a crash may leave.
    my ($file) = glob "$where/*.journal";
    open my $h, '>>', $file or die "$file: $!";
    print $h "\x1eA1 700 01234567 time=17";
    close $h;
    $assayd->start;
    $assayd->wait_log(qr/testr:rsa-sha256:active/, 10);
    like sent($mta, '192.0.2.7', 'a@shop.example'), qr/^250/, 'the next process goes on';
    ok wait_for(sub { records($where) == @kept + 1 }, 5), '... in the same file';
    like $assayd->log, qr/journal_torn file=0000000001\.journal octets=24/, '... and tells of the record that was cut';
    is $assayd->stop_daemon, 0, 'ends well';
};
done_testing;
